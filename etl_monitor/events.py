"""One server-sent event → what it tells about a job. The feed's wire format ends here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from etl_monitor.sse import ServerSentEvent
from etl_monitor.wire.base import MaybeTime, Record
from etl_monitor.wire.job import Job, JobStatus


@dataclass(frozen=True, kw_only=True)
class JobUpdate:
    """What was told of a job: the fields in `job.model_fields_set`; all of them if `whole`."""

    job: Job
    whole: bool


@dataclass(frozen=True, kw_only=True)
class JobRemoved:
    job_id: str


@dataclass(frozen=True, kw_only=True)
class FeedReset:
    """The asked position is no longer kept: only the list knows what happened since."""


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """An event of a name that means nothing to us; a newer service may send such."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Malformed:
    """An event that should have told something and could not be read."""

    name: str
    problem: str


FeedEvent = JobUpdate | JobRemoved | FeedReset | Unknown | Malformed


class _Ending(Record):
    """When a job ended, under the name that its kind of event gives it."""

    completed_at: MaybeTime = None
    failed_at: MaybeTime = None
    cancelled_at: MaybeTime = None


class _Unnamed(Record):
    """What older back ends send instead of named events, and ours for `job_removed`."""

    type: str
    job: Job | None = None
    job_id: str | None = None


def parse(event: ServerSentEvent) -> FeedEvent:
    """Never raises: what cannot be read is `Malformed`, what is not known `Unknown`."""
    reader = _READERS.get(event.event)
    if reader is None:
        return Unknown(name=event.event)
    try:
        return reader(event.data)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        return Malformed(name=event.event, problem=f"{where}: {problem['msg']}".lstrip(": "))


def _started(data: str) -> FeedEvent:
    return _told(Job.model_validate_json(data), whole=True)


def _progress(data: str) -> FeedEvent:
    job = Job.model_validate_json(data)
    if job.progress > 0 and "status" not in job.model_fields_set:
        # Older back ends let the first progress say that a worker has the job.
        job = job.model_copy(update={"status": JobStatus.RUNNING})
    return _told(job, whole=False)


def _ended(status: JobStatus) -> Callable[[str], FeedEvent]:
    def read(data: str) -> FeedEvent:
        job, ending = Job.model_validate_json(data), _Ending.model_validate_json(data)
        at = ending.completed_at or ending.failed_at or ending.cancelled_at
        update: dict[str, object] = {"status": status}
        if at is not None:
            update["finished_at"] = at
        if status is JobStatus.COMPLETED:
            update["progress"] = 100
        return _told(job.model_copy(update=update), whole=False)

    return read


def _unnamed(data: str) -> FeedEvent:
    told = _Unnamed.model_validate_json(data)
    if told.type in ("job_created", "job_update"):
        return _told(told.job, whole=True)
    if told.type == "job_removed":
        return JobRemoved(job_id=told.job_id) if told.job_id else _nameless(told.type)
    return Unknown(name=told.type)


def _told(job: Job | None, *, whole: bool) -> FeedEvent:
    return JobUpdate(job=job, whole=whole) if job and job.job_id else _nameless("job")


def _nameless(name: str) -> Malformed:
    return Malformed(name=name, problem="jobId: missing or empty")


def _reset(_data: str) -> FeedEvent:
    return FeedReset()


_READERS: Mapping[str, Callable[[str], FeedEvent]] = {
    "job_started": _started,
    "job_progress": _progress,
    "job_completed": _ended(JobStatus.COMPLETED),
    "job_failed": _ended(JobStatus.FAILED),
    "job_cancelled": _ended(JobStatus.CANCELLED),
    "message": _unnamed,
    "feed_reset": _reset,
}
