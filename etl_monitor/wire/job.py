"""A job on the wire, and which commands its state allows."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic_core import CoreSchema, core_schema

from etl_monitor.plain_text import visible
from etl_monitor.wire.base import MaybeTime, Percent, Record, Time, TimeOrEmpty, VisibleText
from etl_monitor.wire.notebook import job_html, jobs_frame

if TYPE_CHECKING:
    import pandas as pd


class JobStatus(StrEnum):
    PENDING = "pending"  # waits for a free worker
    RUNNING = "running"  # a worker has it
    COMPLETED = "completed"  # its results are the test's results
    FAILED = "failed"  # ended by an error; the old results stand
    CANCELLED = "cancelled"  # ended on request; the old results stand
    UNKNOWN = "unknown"  # the back end calls it something that the portal does not know

    @property
    def is_final(self) -> bool:
        """Final states never change."""
        return self in FINAL

    @property
    def is_active(self) -> bool:
        """Also of an unknown state: nothing says that the job has ended."""
        return self not in FINAL

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> CoreSchema:
        """On the wire there is no unknown state: `StatusNames` reads what other back ends send."""
        return core_schema.enum_schema(cls, list(STATUSES), sub_type="str")


STATUSES = tuple(status for status in JobStatus if status is not JobStatus.UNKNOWN)
"""The states that the wire has, in their order."""

FINAL = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})


class Job(Record):
    """One run of the pipeline over one test's answers.

    Only `job_id` is required, so that this class reads a whole job and a partial update:
    `model_fields_set` has the fields of a message, see `merged`.
    """

    job_id: str
    status: JobStatus = JobStatus.PENDING
    progress: Percent = 0
    current_step: VisibleText = ""
    estimated_completion: TimeOrEmpty = None
    error_message: str | None = None
    created_at: MaybeTime = None
    updated_at: MaybeTime = None

    # From here on: what our own service adds. Another back end may leave all of it out.
    test_id: str | None = None
    user_id: str | None = None
    anp_seq: int | None = None
    title: VisibleText | None = None
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
    requested_by: VisibleText | None = None
    force_reprocess: bool | None = None  # requested although there were results; None: not sent
    cancel_requested_at: MaybeTime = None
    cancel_requested_by: VisibleText | None = None
    cancel_reason: str | None = None
    cancel_deadline: MaybeTime = None
    forced: bool = False
    error_code: str | None = None
    error_details: dict[str, Any] | None = None
    worker: str | None = None
    heartbeat_at: MaybeTime = None
    eta_earliest: MaybeTime = None
    eta_latest: MaybeTime = None
    restarts: int = 0  # how often the service was stopped while it ran, so that it started over
    queue_position: int | None = None  # 1 is next; in lists only, while the job waits
    expected_start: MaybeTime = None  # likewise
    promoted_at: MaybeTime = None  # when it was moved to the front of the queue
    seen_at: MaybeTime = None  # when someone marked the failure as seen
    seen_by: str | None = None
    unreadable: str | None = None  # which part of its stored record cannot be read, and why

    # These are 42 fields. With one more, Python's dictionaries take 750 bytes more for each job.

    # Not on the wire, and stored only where the status is UNKNOWN: what the back end calls it.
    sent_status: ClassVar[str] = ""

    def merged(self, update: "Job") -> "Job":
        """Return this job with the fields that `update` was sent with."""
        changed = {name: getattr(update, name) for name in update.model_fields_set}
        return self.model_copy(update=changed)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a frame of one row, with a column for each field. See `Snapshot.to_pandas`."""
        return jobs_frame([self], Job.model_fields)

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return job_html(self.to_pandas())

    @property
    def is_cancelling(self) -> bool:
        return self.status.is_active and self.cancel_requested_at is not None


def may_cancel(job: Job) -> bool:
    """Whether a cancel request can still change how this job ends."""
    return job.status.is_active and not job.is_cancelling


def may_retry(job: Job, siblings: Iterable[Job] = ()) -> bool:
    """Whether a new attempt may start: this one failed or was cancelled, and none of `siblings`,
    the jobs of the same test, is active."""
    is_retryable = job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    running = (JobStatus.PENDING, JobStatus.RUNNING)
    return is_retryable and not any(sibling.status in running for sibling in siblings)


class JobStep(Record):
    """The progress of one step of a job. `finished_at` is None until the step has ended."""

    name: str
    index: int  # from 1
    status: JobStatus
    rows_done: int = 0
    rows_total: int | None = None
    started_at: MaybeTime = None
    finished_at: MaybeTime = None


class LogLine(Record):
    at: Time | None
    level: str
    message: str
    code: str | None = None  # if the line has a text in each language
    details: dict[str, Any] | None = None


class JobDetail(Job):
    """A job with the fields that only its own page shows."""

    file_name: str | None = None  # of the answers, as it was uploaded
    steps: tuple[JobStep, ...] = ()
    log: tuple[LogLine, ...] = ()
    family: tuple[Job, ...] = ()  # every attempt of the same root, oldest first, with this one


_SHORT_ID = 8  # characters, enough to distinguish the jobs on a page


def short_id(job_id: str) -> str:
    return visible(job_id[:_SHORT_ID])
