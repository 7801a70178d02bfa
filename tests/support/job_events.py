"""A service in miniature for tests: jobs that live, and the numbered events that tell of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from etl_monitor.events import FeedEvent, JobRemoved, JobUpdate
from etl_monitor.wire.job import Job, JobStatus

START = datetime(2026, 3, 1, tzinfo=UTC)


def told(job_id: str = "a", *, whole: bool = False, **fields: object) -> JobUpdate:
    """News of a job: the fields that are given, and no others."""
    return JobUpdate(job=Job.model_validate({"job_id": job_id, **fields}), whole=whole)


def whole(job_id: str = "a", **fields: object) -> JobUpdate:
    return told(job_id, whole=True, **{"status": "pending", "created_at": START, **fields})


@dataclass
class Service:
    """`log[n - 1]` is the event at position n; `jobs` what is true after all of them.

    A retry is a job of its own, `a+` for `a`. `starts_over`: jobs may also begin anew under their
    own id, as a higher attempt.
    """

    starts_over: bool = True
    jobs: dict[str, Job] = field(default_factory=dict)
    log: list[FeedEvent] = field(default_factory=list)

    @property
    def position(self) -> str:
        return str(len(self.log))

    def step(self, job_id: str, choice: int) -> None:
        """Let one thing happen to a job, or to its last retry, as the state allows; `choice` is
        any number."""
        while f"{job_id}+" in self.jobs:
            job_id += "+"
        known = self.jobs.get(job_id)
        if known is None:
            self.tell(whole(job_id, created_at=self._now, test_id=f"test-{choice % 3}"))
        elif known.status is JobStatus.PENDING:
            self.tell(told(job_id, status="running", started_at=self._now))
        elif known.status is JobStatus.RUNNING:
            self._go_on(known, choice)
        elif choice % 5 == 0:
            self.tell(JobRemoved(job_id=job_id))
        elif choice % 5 == 1 and known.status is not JobStatus.COMPLETED:
            self._retry(known)
        elif choice % 5 == 2 and self.starts_over:
            again = Job(job_id=job_id, created_at=known.created_at, attempt=known.attempt + 1)
            self.tell(JobUpdate(job=Job(**again.model_dump()), whole=True))

    def _retry(self, known: Job) -> None:
        if known.job_id.count("+") < 2:
            which = {"retry_of": known.job_id, "attempt": known.attempt + 1}
            self.tell(whole(f"{known.job_id}+", created_at=self._now, **which))

    def _go_on(self, known: Job, choice: int) -> None:
        if known.progress < 90 and choice % 4:
            progress = known.progress + 1 + choice % 9
            self.tell(told(known.job_id, progress=progress, rows_done=progress * 10))
        elif choice % 3 == 0 and not known.is_cancelling:
            self.tell(told(known.job_id, cancel_requested_at=self._now, cancel_reason="enough"))
        else:
            status = [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED][choice % 3]
            last = 100 if status is JobStatus.COMPLETED else known.progress
            self.tell(told(known.job_id, status=status, progress=last, finished_at=self._now))

    def tell(self, event: JobUpdate | JobRemoved) -> None:
        """Let this happen."""
        if isinstance(event, JobRemoved):
            self.jobs.pop(event.job_id)
        else:
            known = self.jobs.get(event.job.job_id)
            self.jobs[event.job.job_id] = known.merged(event.job) if known else event.job
        self.log.append(event)

    @property
    def _now(self) -> datetime:
        return START + timedelta(seconds=len(self.log))
