"""A job as it travels on the wire, and what may be done with it in each state."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from etl_monitor.wire.base import MaybeTime, Percent, Time, TimeOrEmpty, Wire


class JobStatus(StrEnum):
    PENDING = "pending"  # waits for a free worker
    RUNNING = "running"  # a worker has it
    COMPLETED = "completed"  # done, its results are the test's results
    FAILED = "failed"  # ended by an error; the old results stand
    CANCELLED = "cancelled"  # ended because somebody asked; the old results stand

    @property
    def is_final(self) -> bool:
        """Final states never change again."""
        return self in FINAL

    @property
    def is_active(self) -> bool:
        return self not in FINAL


FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class Job(Wire):
    """One run of the pipeline over one test's answers.

    Only `job_id` must be there, so the same class reads a whole job and a partial update: which
    fields a message told is in `model_fields_set`, see `merged`.
    """

    job_id: str
    status: JobStatus = JobStatus.PENDING
    progress: Percent = 0
    current_step: str = ""
    estimated_completion: TimeOrEmpty = None
    error_message: str | None = None
    created_at: MaybeTime = None
    updated_at: MaybeTime = None

    # From here on: what our own service adds. Another back end may leave all of it out.
    test_id: str | None = None
    user_id: str | None = None
    anp_seq: int | None = None
    title: str | None = None
    test_kind: str | None = None
    rows_done: int | None = None
    rows_total: int | None = None
    step_index: int | None = None  # from 1
    step_count: int | None = None
    started_at: MaybeTime = None
    finished_at: MaybeTime = None
    attempt: int = 1
    retry_of: str | None = None
    root_id: str | None = None
    requested_by: str | None = None
    force_reprocess: bool | None = None  # asked for although there were results; None: not told
    cancel_requested_at: MaybeTime = None
    cancel_requested_by: str | None = None
    cancel_reason: str | None = None
    cancel_deadline: MaybeTime = None
    forced: bool = False
    error_code: str | None = None
    error_details: dict[str, Any] | None = None
    worker: str | None = None
    heartbeat_at: MaybeTime = None
    eta_earliest: MaybeTime = None
    eta_latest: MaybeTime = None

    def merged(self, told: "Job") -> "Job":
        """This job with the fields that `told` was sent with."""
        return self.model_copy(update={name: getattr(told, name) for name in told.model_fields_set})

    @property
    def is_cancelling(self) -> bool:
        return self.status.is_active and self.cancel_requested_at is not None


def may_cancel(job: Job) -> bool:
    """Whether a cancel request can still change what becomes of this job."""
    return job.status.is_active and not job.is_cancelling


def may_retry(job: Job, siblings: Iterable[Job] = ()) -> bool:
    """Whether a new attempt may start: this one ended badly, and none of `siblings`, the jobs of
    the same test, is still active."""
    ended_badly = job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    return ended_badly and not any(sibling.status.is_active for sibling in siblings)


class JobStep(Wire):
    """How one step of a job went. `finished_at` stays None until the step is over."""

    name: str
    index: int  # from 1
    status: JobStatus
    rows_done: int = 0
    rows_total: int | None = None
    started_at: MaybeTime = None
    finished_at: MaybeTime = None


class LogLine(Wire):
    at: Time
    level: str
    message: str
    code: str | None = None  # of a line that has words in each language
    details: dict[str, Any] | None = None


class JobDetail(Job):
    """A job with what only its own page shows."""

    file_name: str | None = None  # of the answers, as the person called it
    steps: tuple[JobStep, ...] = ()
    log: tuple[LogLine, ...] = ()
    family: tuple[Job, ...] = ()  # every attempt of the same root, oldest first, this one included


_SHORT = 8  # characters of an id that tell jobs apart for people


def short_id(job_id: str) -> str:
    return job_id[:_SHORT]
