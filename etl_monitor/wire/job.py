"""A job as it travels on the wire, and what may be done with it in each state."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


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


_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ZONES = timedelta(days=1)  # and what the calendar's ends need for every reader's time zone


def _as_utc(value: datetime) -> datetime:
    """Times without a zone are taken as UTC: some older back ends leave the `Z` out. Raises
    ValueError for a moment that not every time zone has."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    first, last = _ALWAYS
    if aware - first < _ZONES or last - aware < _ZONES:
        raise ValueError("should be a moment that is in the calendar of every time zone")
    return aware.astimezone(UTC)


def _as_utc_or_unknown(value: datetime | None) -> datetime | None:
    """Whoever means "never" by 9999-12-31 must not thereby hide all jobs of a list."""
    try:
        return None if value is None else _as_utc(value)
    except ValueError:
        return None


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _as_percent(value: Any) -> Any:
    """Older back ends send fractions of a percent; anything outside 0–100 is clamped."""
    return int(max(min(value, 100), 0)) if isinstance(value, int | float) else value


def iso(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Moment = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]
Time = Annotated[_Moment, AfterValidator(_as_utc)]
MaybeTime = Annotated[
    _Moment | None, BeforeValidator(_empty_is_none), AfterValidator(_as_utc_or_unknown)
]


def _iso_or_empty(value: datetime | None) -> str:
    return "" if value is None else iso(value)


# The original's front end reads "" where there is no estimate.
TimeOrEmpty = Annotated[
    MaybeTime, PlainSerializer(_iso_or_empty, return_type=str, when_used="json")
]
Percent = Annotated[int, BeforeValidator(_as_percent)]


class Wire(BaseModel):
    """A frozen record: camelCase on the wire, snake_case here; unknown fields are ignored."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )


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
