"""Which jobs a person wants to see, in the address, so that a link shows the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from etl_monitor.client.filters import JobSort
from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.job import FINAL, Job, JobStatus

PERIODS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
SORTS: tuple[JobSort, ...] = ("newest", "oldest", "longest")
# The same fields as the service's.
_ABOUT = ("job_id", "test_id", "title", "user_id", "requested_by", "current_step")
SEARCHED = (*_ABOUT, "error_message", "error_code")

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_ERRORS = 9  # that a text stands for; one that is in the words of more is too common a word


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Empty values do not narrow. `page` counts the pages of finished jobs from 0.

    `steps` and `errors`: those that `text` stands for, because it is in the words that this reader
    sees for them.
    """

    statuses: frozenset[JobStatus] = frozenset()
    text: str = ""
    steps: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    person: str = ""
    period: str = ""
    sort: JobSort = "newest"
    page: int = 0

    @property
    def is_narrow(self) -> bool:
        return bool(self.statuses or self.text or self.person or self.period)

    @property
    def final_statuses(self) -> tuple[JobStatus, ...]:
        """Of the statuses that end a job, those that are wanted."""
        wanted = self.statuses or FINAL
        return tuple(status for status in JobStatus if status in FINAL & wanted)

    @property
    def of_any_status(self) -> "JobFilter":
        """What is counted for each status: in no order, on all pages."""
        return replace(self, statuses=frozenset(), sort="newest", page=0)

    @property
    def since(self) -> datetime | None:
        """To the minute, so that the same question is the same for a while."""
        if self.period not in PERIODS:
            return None
        return (datetime.now(UTC) - PERIODS[self.period]).replace(second=0, microsecond=0)

    def wants(self, job: Job) -> bool:
        """The same rules as the service's, for jobs that are known here."""
        if self.statuses and job.status not in self.statuses:
            return False
        if self.person and self.person != job.user_id:
            return False
        since = self.since
        if since and job.created_at and job.created_at < since:
            return False
        return self._has_text(job)

    def wanted(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """In the wanted order, as the service's; those that wait below those that run."""
        found = sorted((job for job in jobs if self.wants(job)), key=_creation, reverse=True)
        if self.sort == "oldest":
            found.reverse()
        elif self.sort == "longest":
            found.sort(key=_ran, reverse=True)
        return tuple(sorted(found, key=lambda job: job.status is JobStatus.PENDING))

    def _has_text(self, job: Job) -> bool:
        if job.status.is_active and job.current_step in self.steps:
            return True
        if job.status is JobStatus.FAILED and job.error_code in self.errors:
            return True
        fields = (getattr(job, name) or "" for name in SEARCHED)
        return self.text.lower() in "\n".join(fields).lower()


def statuses_of(address: str) -> frozenset[JobStatus]:
    """`failed,cancelled` of an address; what is no status is left out."""
    return frozenset(JobStatus(s) for s in address.split(",") if s in set(JobStatus))


def steps_called(text: str, t: Translator) -> tuple[str, ...]:
    """The steps in whose names `text` is."""
    return t.keys_containing(text, "step-") if text else ()


def errors_called(text: str, t: Translator) -> tuple[str, ...]:
    """The codes of the errors in whose words `text` is."""
    keys = t.keys_containing(text, "error-") if text else ()
    codes = tuple(dict.fromkeys(key.partition("-")[0] for key in keys))
    return codes if len(codes) <= _MOST_ERRORS else ()


def _creation(job: Job) -> tuple[datetime, str]:
    return (job.created_at or _NEVER, job.job_id)


def _ran(job: Job) -> timedelta:
    """How long it ran, or runs; less than nothing where it never began."""
    if job.started_at is None:
        return timedelta(seconds=-1)
    return (job.finished_at or datetime.now(UTC)) - job.started_at
