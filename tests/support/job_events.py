"""A miniature service for tests: jobs that run, and the numbered events that report it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from etl_monitor.events import FeedEvent, JobRemoved, JobUpdate
from etl_monitor.wire.job import Job, JobStatus

START = datetime(2026, 3, 1, tzinfo=UTC)


def partial(job_id: str = "a", *, whole: bool = False, **fields: object) -> JobUpdate:
    """Return a partial update of a job with the given fields only."""
    return JobUpdate.of(Job.model_validate({"job_id": job_id, **fields}), whole=whole)


def whole(job_id: str = "a", **fields: object) -> JobUpdate:
    return partial(job_id, whole=True, **{"status": "pending", "created_at": START, **fields})


@dataclass
class Service:
    """`log[n - 1]` is the event at position n; `jobs` the state after all of them.

    A retry is a job of its own, `a+` for `a`. `starts_over`: whether jobs may also start over under
    their own id, as a higher attempt.
    """

    starts_over: bool = True
    jobs: dict[str, Job] = field(default_factory=dict)
    log: list[FeedEvent] = field(default_factory=list)

    @property
    def position(self) -> str:
        return str(len(self.log))

    def step(self, job_id: str, choice: int) -> None:
        """Advance a job, or its last retry, by one event that its state allows; `choice`, any
        number, selects it."""
        while f"{job_id}+" in self.jobs:
            job_id += "+"
        job = self.jobs.get(job_id)
        if job is None:
            self.record(whole(job_id, created_at=self._now, test_id=f"test-{choice % 3}"))
        elif job.status is JobStatus.PENDING:
            self.record(partial(job_id, status="running", started_at=self._now))
        elif job.status is JobStatus.RUNNING:
            self._go_on(job, choice)
        elif choice % 5 == 0:
            self.record(JobRemoved(job_id=job_id))
        elif choice % 5 == 1 and job.status is not JobStatus.COMPLETED:
            self._retry(job)
        elif choice % 5 == 2 and self.starts_over:
            again = Job(job_id=job_id, created_at=job.created_at, attempt=job.attempt + 1)
            self.record(JobUpdate.of(Job(**again.model_dump()), whole=True))

    def _retry(self, job: Job) -> None:
        if job.job_id.count("+") < 2:
            which = {"retry_of": job.job_id, "attempt": job.attempt + 1}
            self.record(whole(f"{job.job_id}+", created_at=self._now, **which))

    def _go_on(self, job: Job, choice: int) -> None:
        if job.progress < 90 and choice % 4:
            progress = job.progress + 1 + choice % 9
            self.record(partial(job.job_id, progress=progress, rows_done=progress * 10))
        elif choice % 3 == 0 and not job.is_cancelling:
            self.record(partial(job.job_id, cancel_requested_at=self._now, cancel_reason="enough"))
        else:
            status = [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED][choice % 3]
            last = 100 if status is JobStatus.COMPLETED else job.progress
            self.record(partial(job.job_id, status=status, progress=last, finished_at=self._now))

    def record(self, event: JobUpdate | JobRemoved) -> None:
        """Apply an event and append it to the log."""
        if isinstance(event, JobRemoved):
            self.jobs.pop(event.job_id)
        else:
            job = self.jobs.get(event.job.job_id)
            self.jobs[event.job.job_id] = job.merged(event.job) if job else event.job
        self.log.append(event)

    @property
    def _now(self) -> datetime:
        return START + timedelta(seconds=len(self.log))
