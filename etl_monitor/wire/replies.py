"""The replies of the service, apart from jobs and results themselves."""

from typing import Any, Generic, Literal, Self, TypeVar

from pydantic import ConfigDict, Field

from etl_monitor.errors import API_ERRORS, ApiError, BadRequest, EtlMonitorError, NotFound
from etl_monitor.wire.base import Record
from etl_monitor.wire.job import JobStatus

T = TypeVar("T")

_METHOD_NOT_ALLOWED = 405


class Reply(Record, Generic[T]):
    """A reply that grants the request."""

    success: Literal[True]
    data: T


class _Sent(Record):
    """A record that the service sends in full; other back ends may leave out what has a default."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ErrorBody(_Sent):
    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def of(cls, error: EtlMonitorError) -> Self:
        return cls(code=error.code, message=error.message, details=error.details)

    def api_error(self, status: int = 400) -> ApiError:
        """Return the error that a reply with this body and HTTP status stands for.

        405 is NotFound: some back ends answer so if they do not have a call.
        """
        is_missing = status == _METHOD_NOT_ALLOWED
        kind = NotFound if is_missing else API_ERRORS.get(status, BadRequest)
        error = kind(self.code, self.message, self.details)
        error.status = status
        return error


class ErrorReply(Record):
    """A reply that rejects the request."""

    success: Literal[False]
    error: ErrorBody


class Message(Record):
    message: str


class QueuedJob(_Sent):
    """A job was created."""

    job_id: str
    status: JobStatus = JobStatus.PENDING
    message: str = ""


class BulkOutcome(Record):
    """The outcome for one job of several. `error` is set unless `ok`."""

    job_id: str
    ok: bool
    new_job_id: str | None = None
    error: ErrorBody | None = None


class ProcessOutcome(Record):
    """The outcome for one test of several. `error` is set unless `ok`."""

    test_id: str
    ok: bool
    job_id: str | None = None
    error: ErrorBody | None = None


class ReplayedSamples(_Sent):
    """`replayed`: how many sample tests."""

    message: str = ""
    replayed: int


class RemovedSamples(_Sent):
    """`removed`: how many sample tests."""

    message: str = ""
    removed: int
