"""Parse a server-sent event of the feed. The feed's wire format is known in this module only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from etl_monitor.sse import ServerSentEvent
from etl_monitor.wire.base import MaybeTime, Record
from etl_monitor.wire.job import Job, JobStatus


@dataclass(frozen=True, kw_only=True)
class JobUpdate:
    """New values of the fields in `job.model_fields_set`; of all fields if `whole`."""

    job: Job
    whole: bool


@dataclass(frozen=True, kw_only=True)
class JobRemoved:
    job_id: str


@dataclass(frozen=True, kw_only=True)
class FeedReset:
    """The service no longer has the requested position: only a list shows what happened since."""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """An event of an unknown name, perhaps of a newer service."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Malformed:
    """An event of a known name that cannot be read."""

    name: str
    problem: str


FeedEvent = JobUpdate | JobRemoved | FeedReset | Unknown | Malformed


class _End(Record):
    """When a job ended: each kind of event has a field of its own."""

    completed_at: MaybeTime = None
    failed_at: MaybeTime = None
    cancelled_at: MaybeTime = None


class _Unnamed(Record):
    """What older back ends send instead of named events, and our service for `job_removed`."""

    type: str
    job: Job | None = None
    job_id: str | None = None


def parse(event: ServerSentEvent) -> FeedEvent:
    """Return the parsed event; `Malformed` or `Unknown` instead of raising an error."""
    parser = _PARSERS.get(event.event)
    if parser is None:
        return Unknown(name=event.event)
    try:
        return parser(event.data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return Malformed(name=event.event, problem=f"{where}: {problem['msg']}".lstrip(": "))


def _started(data: str) -> FeedEvent:
    return _update(Job.model_validate_json(data), whole=True)


def _progress(data: str) -> FeedEvent:
    job = Job.model_validate_json(data)
    if job.progress > 0 and "status" not in job.model_fields_set:
        # With older back ends the first progress means that the job is running.
        job = job.model_copy(update={"status": JobStatus.RUNNING})
    return _update(job, whole=False)


def _ended(status: JobStatus) -> Callable[[str], FeedEvent]:
    def parse_end(data: str) -> FeedEvent:
        job, end = Job.model_validate_json(data), _End.model_validate_json(data)
        finished_at = end.completed_at or end.failed_at or end.cancelled_at
        update: dict[str, object] = {"status": status}
        if finished_at is not None:
            update["finished_at"] = finished_at
        if status is JobStatus.COMPLETED:
            update["progress"] = 100
        return _update(job.model_copy(update=update), whole=False)

    return parse_end


def _unnamed(data: str) -> FeedEvent:
    message = _Unnamed.model_validate_json(data)
    if message.type in ("job_created", "job_update"):
        return _update(message.job, whole=True)
    if message.type == "job_removed":
        job_id = message.job_id
        return JobRemoved(job_id=job_id) if job_id else _without_job_id(message.type)
    return Unknown(name=message.type)


def _update(job: Job | None, *, whole: bool) -> FeedEvent:
    return JobUpdate(job=job, whole=whole) if job and job.job_id else _without_job_id("job")


def _without_job_id(name: str) -> Malformed:
    return Malformed(name=name, problem="jobId: missing or empty")


def _reset(_data: str) -> FeedEvent:
    return FeedReset()


_PARSERS: Mapping[str, Callable[[str], FeedEvent]] = {
    "job_started": _started,
    "job_progress": _progress,
    "job_completed": _ended(JobStatus.COMPLETED),
    "job_failed": _ended(JobStatus.FAILED),
    "job_cancelled": _ended(JobStatus.CANCELLED),
    "message": _unnamed,
    "feed_reset": _reset,
}
