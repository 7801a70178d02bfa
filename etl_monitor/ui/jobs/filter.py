"""What a person chose to see in the monitor. It is in the address, so that a link shows the same.

The service has the same rules (`service/jobs/filter.py`); here they apply to the jobs in the store.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from etl_monitor.client.filters import JobSort
from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import canonical
from etl_monitor.wire.job import FINAL, Job, JobStatus
from etl_monitor.wire.search import parse

PREFIX = "job"  # of the inputs' names in the address of a monitor without a key
PERIODS = {"1h": timedelta(hours=1), "24h": timedelta(hours=24), "7d": timedelta(days=7)}
SORTS: tuple[JobSort, ...] = ("newest", "oldest", "longest")
_NEVER = datetime.min.replace(tzinfo=UTC)
_MAX_ERRORS = 9  # that a text may stand for: a word in the messages of more is too common


@dataclass(frozen=True, kw_only=True)
class MonitorFilter:
    """Which jobs the monitor shows. Empty values match every job. `page` counts the pages of
    finished jobs from 0.

    `steps` and `errors` are those whose names in the reader's language contain `text`.
    """

    statuses: frozenset[JobStatus] = frozenset()
    text: str = ""
    steps: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    person: str = ""
    period: str = ""
    sort: JobSort = "newest"
    page: int = 0
    clock_offset: timedelta = timedelta()  # the service's clock minus ours

    @property
    def is_narrow(self) -> bool:
        return bool(self.statuses or self.text or self.person or self.period)

    @property
    def final_statuses(self) -> tuple[JobStatus, ...]:
        """The chosen statuses among those that end a job."""
        chosen = self.statuses or FINAL
        return tuple(status for status in JobStatus if status in FINAL & chosen)

    @property
    def of_any_status(self) -> "MonitorFilter":
        """The filter by which jobs are counted for each status: on all pages, in no order."""
        return replace(self, statuses=frozenset(), sort="newest", page=0)

    @property
    def search(self) -> tuple[str, ...]:
        """The texts to search for; one of them is enough."""
        return (self.text, *self.errors) if self.text else ()

    @property
    def since(self) -> datetime | None:
        """The start of the period, rounded to a minute so that replies stay valid that long."""
        if self.period not in PERIODS:
            return None
        now = datetime.now(UTC) + self.clock_offset
        return (now - PERIODS[self.period]).replace(second=0, microsecond=0)

    def matches(self, job: Job) -> bool:
        if self.statuses and job.status not in self.statuses:
            return False
        if self.person and canonical(self.person) != canonical(job.user_id or ""):
            return False
        since = self.since
        if since and job.created_at and job.created_at < since:
            return False
        return self._has_text(job)

    def select(self, jobs: Iterable[Job]) -> tuple[Job, ...]:
        """Return the matching jobs in the chosen order; behind them the pending ones, in the order
        in which they were given: that of the queue."""
        found = [job for job in jobs if self.matches(job)]
        waiting = [job for job in found if job.status is JobStatus.PENDING]
        others = (job for job in found if job.status is not JobStatus.PENDING)
        matching = sorted(others, key=_creation, reverse=True)
        if self.sort == "oldest":
            matching.reverse()
        elif self.sort == "longest":
            matching.sort(key=_duration, reverse=True)
        return (*matching, *waiting)

    def _has_text(self, job: Job) -> bool:
        if job.status.is_active and job.current_step in self.steps:
            return True
        if job.status is JobStatus.FAILED and job.error_code in self.errors:
            return True
        return not self.text or any(parse(text).matches(job) for text in self.search)


def parse_statuses(parameter: str) -> frozenset[JobStatus]:
    """Parse `failed,cancelled` from an address; unknown statuses are ignored."""
    return frozenset(JobStatus(name) for name in parameter.split(",") if name in set(JobStatus))


def steps_named(text: str, t: Translator) -> tuple[str, ...]:
    """Return the steps whose names in the reader's language contain `text`."""
    return t.keys_containing(text, "step-") if text else ()


def errors_named(text: str, t: Translator) -> tuple[str, ...]:
    """Return the codes of the errors whose messages in the reader's language contain `text`."""
    keys = t.keys_containing(text, "error-") if text else ()
    codes = tuple(dict.fromkeys(key.partition("-")[0] for key in keys))
    return codes if len(codes) <= _MAX_ERRORS else ()


def _creation(job: Job) -> tuple[datetime, str]:
    return (job.created_at or _NEVER, job.job_id)


def _duration(job: Job) -> timedelta:
    """Return how long the job ran or has run so far; negative if it never started."""
    if job.started_at is None:
        return timedelta(seconds=-1)
    return (job.finished_at or datetime.now(UTC)) - job.started_at
