"""Parse a server-sent event of the feed. The feed's wire format is known in this module only.

An event is about a job if a job's id is in it: at the top, or in the `job`, `data` or `payload`
that it wraps. What cannot be read in such an event is left out; the rest counts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import msgspec

from etl_monitor.sse import ServerSentEvent
from etl_monitor.wire import values
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.reading import RecordReader, SentFields, exact_fields

_PROGRESS = "job_progress"
_MAX_WRAPPERS = 3  # around a job: `{data: {job: {…}}}` are two


class JobUpdate(msgspec.Struct, frozen=True, kw_only=True):
    """New values of a job's fields by their names; of all fields if `whole`."""

    job_id: str
    changes: Mapping[str, Any]
    whole: bool

    @classmethod
    def of(cls, job: Job, *, whole: bool) -> Self:
        """Return the update with the fields that `job` was made of."""
        changes = {name: getattr(job, name) for name in job.model_fields_set}
        return cls(job_id=changes.pop("job_id"), changes=changes, whole=whole)

    @property
    def job(self) -> Job:
        """The fields as a job; those that are not in the update have their defaults."""
        return Job.of_fields({"job_id": self.job_id, **self.changes})


class JobRemoved(msgspec.Struct, frozen=True, kw_only=True):
    job_id: str


class FeedReset(msgspec.Struct, frozen=True, kw_only=True):
    """The service no longer has the requested position: only a list shows what happened since."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """An event of an unknown name, perhaps of a newer service, or one that is not about a job."""

    name: str


class Malformed(msgspec.Struct, frozen=True, kw_only=True):
    """An event of a known name that cannot be read."""

    name: str
    problem: str


FeedEvent = JobUpdate | JobRemoved | FeedReset | Unknown | Malformed | SentFields
"""`SentFields`: those of a `job_progress`, which are read when they are needed."""


def parse(event: ServerSentEvent, reader: RecordReader | None = None) -> FeedEvent:
    """Return the parsed event; `Malformed` or `Unknown` instead of raising an error."""
    reader = reader or _READER
    if event.event == _PROGRESS:  # of which there are thousands
        fields = reader.fields_of_text(Job, event.data)
        if fields and "job_id" in fields:
            return _update(_PROGRESS, _running(fields), whole=False)
    if event.event == "feed_reset":
        return FeedReset()
    if event.event != "message" and event.event not in _PARSERS:
        return Unknown(name=event.event)
    try:
        data = values.decode(event.data)
        if isinstance(data, str) and data.startswith("{"):  # JSON that was made JSON again
            data = values.decode(data)
    except ValueError as error:
        return _not_json(event, str(error))
    return _parse(event.event, data, reader)


def parse_late(event: ServerSentEvent, reader: RecordReader) -> FeedEvent:
    """Return the parsed event like `parse`, but progress as it was sent, where it can be read
    whenever it is needed."""
    if event.event == _PROGRESS:
        sent = exact_fields(event.data)
        if sent is not None and not sent.has_status:  # which means what the back end says
            return sent
    return parse(event, reader)


def progress_update(sent: SentFields) -> JobUpdate:
    """Return the update that was sent as progress."""
    changes = _running(_READER.fields_of_exact(sent))
    del changes["job_id"]
    return JobUpdate(job_id=sent.job_id, changes=changes, whole=False)


def times_of(events: Sequence[FeedEvent]) -> Sequence[datetime]:
    """Return when the changes were made that these events are about, where it is known."""
    try:
        return _exact_times(events)
    except (AttributeError, TypeError, ValueError):
        return [at for event in events if (at := changed_at(event)) is not None]


def _exact_times(events: Sequence[Any]) -> Sequence[datetime]:
    """Return the times of events that are all as our own service sends them. Raises an error if any
    is another: this path is for speed only."""
    times = [datetime.fromisoformat(event.updated_at) for event in events]
    for at in (min(times), max(times)):  # which cannot be compared if some have a zone, some none
        if at.tzinfo is None or not 1 < at.year < 9999:
            raise ValueError("a time that must be read with care")
    return times


def changed_at(event: FeedEvent) -> datetime | None:
    """Return when the change was made that the event is about, if it is known."""
    if isinstance(event, JobUpdate):
        return event.changes.get("updated_at")
    if not isinstance(event, SentFields):
        return None
    try:
        return values.moment(getattr(event, "updated_at", None))
    except (ValueError, OverflowError, TypeError):
        return None


def _not_json(event: ServerSentEvent, problem: str) -> FeedEvent:
    """Many back ends greet with a word, or send one as heartbeat. An unnamed event that begins like
    an object was about a job."""
    if event.event == "message" and not event.data.lstrip().startswith("{"):
        return Unknown(name="message")
    return Malformed(name=event.event, problem=problem)


def _parse(name: str, data: Any, reader: RecordReader) -> FeedEvent:
    fields = data if isinstance(data, Mapping) else {}
    if name == "message":
        kind = fields.get("type")
        name = kind if isinstance(kind, str) else "message"
        if name not in _PARSERS:
            return Unknown(name=name)
    return _PARSERS[name](name, _unwrapped(fields), reader)


def _unwrapped(fields: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Return what has a job's id, inside of `{type, data: {job: {…}}}` too."""
    inner = fields
    for _ in range(_MAX_WRAPPERS + 1):
        if "jobId" in inner or "job_id" in inner:
            return inner
        wrapped = (inner.get(name) for name in ("job", "data", "payload"))
        inner = next((value for value in wrapped if isinstance(value, Mapping)), {})
    return fields


_Parser = Callable[[str, Mapping[Any, Any], RecordReader], FeedEvent]


def _whole(name: str, data: Mapping[Any, Any], reader: RecordReader) -> FeedEvent:
    return _update(name, reader.fields(Job, data), whole=True)


def _progress(name: str, data: Mapping[Any, Any], reader: RecordReader) -> FeedEvent:
    return _update(name, _running(reader.fields(Job, data)), whole=False)


def _running(fields: dict[str, Any]) -> dict[str, Any]:
    """With older back ends the first progress means that the job is running."""
    if "status" not in fields and fields.get("progress", 0) > 0:
        fields["status"] = JobStatus.RUNNING
    return fields


def _ended(status: JobStatus) -> _Parser:
    def parse_end(name: str, data: Mapping[Any, Any], reader: RecordReader) -> FeedEvent:
        fields = reader.fields(Job, data)
        fields["status"] = status
        finished_at = _end(data)
        if finished_at is not None:
            fields["finished_at"] = finished_at
        if status is JobStatus.COMPLETED:
            fields["progress"] = 100
        return _update(name, fields, whole=False)

    return parse_end


def _end(data: Mapping[Any, Any]) -> Any:
    """Return when a job ended: each kind of event has a field of its own."""
    for name in _END_FIELDS:
        try:
            if at := values.moment(data.get(name)):
                return at
        except (ValueError, OverflowError, TypeError):
            continue
    return None


def _removed(name: str, data: Mapping[Any, Any], reader: RecordReader) -> FeedEvent:
    job_id = reader.fields(Job, data).get("job_id")
    return JobRemoved(job_id=job_id) if job_id else _without_job_id(name)


def _update(name: str, fields: dict[str, Any], *, whole: bool) -> FeedEvent:
    job_id = fields.pop("job_id", None)
    if not job_id:
        return _without_job_id(name)
    return JobUpdate(job_id=job_id, changes=fields, whole=whole)


def _without_job_id(name: str) -> Malformed:
    return Malformed(name=name, problem="jobId: missing or empty")


_READER = RecordReader()
_END_FIELDS = tuple(
    field for end in ("completed", "failed", "cancelled") for field in (f"{end}At", f"{end}_at")
)
# Older back ends send these names as the `type` of an unnamed event, and our service `job_removed`.
_PARSERS: Mapping[str, _Parser] = {
    "job_started": _whole,
    "job_created": _whole,
    "job_update": _whole,
    _PROGRESS: _progress,
    "job_completed": _ended(JobStatus.COMPLETED),
    "job_failed": _ended(JobStatus.FAILED),
    "job_cancelled": _ended(JobStatus.CANCELLED),
    "job_removed": _removed,
}
