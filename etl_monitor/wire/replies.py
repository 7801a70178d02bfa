"""What the service answers with, apart from jobs and results themselves."""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import ConfigDict, Field

from etl_monitor.errors import ApiError
from etl_monitor.wire.activity import ActivityEntry
from etl_monitor.wire.base import Wire
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import TestResult

T = TypeVar("T")


class Reply(Wire, Generic[T]):
    """Every reply that grants what was asked."""

    success: Literal[True]
    data: T


class ErrorBody(Wire):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    code: str
    message: str
    details: dict[str, Any] = Field(default_factory=dict)


class ErrorReply(Wire):
    """Every reply that does not."""

    success: Literal[False]
    error: ErrorBody


class Started(Wire):
    """A job was made."""

    job_id: str
    status: JobStatus = JobStatus.PENDING
    message: str = ""


class BulkReply(Wire):
    job_id: str
    ok: bool
    new_job_id: str | None = None
    error: ErrorBody | None = None


class ProcessReply(Wire):
    test_id: str
    ok: bool
    job_id: str | None = None
    error: ErrorBody | None = None


class Removed(Wire):
    removed: int


@dataclass(frozen=True, kw_only=True)
class JobList:
    """`total`: how many jobs match, listed or not; as many as listed, where nobody says.

    `position`: the place in the feed that this list includes; empty where there are none.
    `log_id`: which log that place is in; empty where nobody says.
    `complete`: the service said that nothing is left out. `next_before`: the `before` of the next
    page; None on the last one, and where the service does not tell.
    """

    jobs: tuple[Job, ...]
    total: int
    position: str
    complete: bool
    log_id: str = ""
    next_before: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResultList:
    """`total`: how many results match, listed or not; as many as listed, where nobody says."""

    results: tuple[TestResult, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class ActivityPage:
    """`total`: how many entries match, listed or not; as many as listed, where nobody says."""

    entries: tuple[ActivityEntry, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class BulkOutcome:
    """What became of one job of many; `error` says why not."""

    job_id: str
    ok: bool
    new_job_id: str | None = None
    error: ApiError | None = None


@dataclass(frozen=True, kw_only=True)
class ProcessOutcome:
    """What became of one test of many; `error` says why not."""

    test_id: str
    ok: bool
    job_id: str | None = None
    error: ApiError | None = None
