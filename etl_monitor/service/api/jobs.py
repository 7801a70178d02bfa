"""Jobs: process, look, cancel, retry, many at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BeforeValidator, Field, Strict, StrictBool
from sqlalchemy import Connection

from etl_monitor.errors import ApiError
from etl_monitor.service.api.authorization import Asker, AuthorizedRoute
from etl_monitor.service.api.dependencies import (
    Body,
    Id,
    Moment,
    Name,
    Nothing,
    Number,
    Offset,
    PageSize,
    Reason,
    Search,
    ServiceDep,
    TestKindName,
    check_period,
    ill_fitting,
)
from etl_monitor.service.api.responses import SENT, Message, Success, failures
from etl_monitor.service.commands import Commands, one_by_one
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.wire.base import Record
from etl_monitor.wire.job import Job, JobDetail, JobStatus
from etl_monitor.wire.replies import ErrorBody

router = APIRouter(prefix="/etl", tags=["jobs"], route_class=AuthorizedRoute)

MOST_AT_ONCE = 1000
LOG_ID = "Which log of events the positions belong to; another one has another database behind it."


class ProcessRequest(Body):
    user_id: Name
    anp_seq: Annotated[Number, Strict()]
    force_reprocess: StrictBool = False


class CancelRequest(Body):
    reason: Reason | None = None


class BulkRequest(Body):
    action: Literal["cancel", "retry"]
    job_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
    reason: Reason | None = None


class BulkProcessRequest(Body):
    test_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE)]
    force_reprocess: StrictBool = False


class Queued(Record):
    job_id: str
    status: JobStatus
    message: str


class BulkOutcome(Record):
    job_id: str
    ok: bool
    new_job_id: str | None = None
    error: ErrorBody | None = None


class BulkProcessOutcome(Record):
    test_id: str
    ok: bool
    job_id: str | None = None
    error: ErrorBody | None = None


def _by_comma(value: Any) -> Any:
    return [part for one in value for part in one.split(",")] if isinstance(value, list) else value


Statuses = Annotated[
    list[JobStatus] | None,
    BeforeValidator(_by_comma),
    Query(description="One or more, each by itself or with commas in between."),
]


Searches = Annotated[
    list[Search] | None,
    Query(max_length=10, description="One or more: jobs that have any of them."),
]


def _asked_for(
    test_id: Annotated[Id | None, Query(alias="testId")] = None,
    user_id: Annotated[Name | None, Query(alias="userId")] = None,
    test_kind: Annotated[TestKindName | None, Query(alias="testKind")] = None,
    q: Searches = None,
    since: Annotated[Moment | None, Query(description="Created then or later.")] = None,
    until: Annotated[Moment | None, Query(description="Created before.")] = None,
) -> JobFilter:
    check_period(since, until)
    texts = tuple(text for text in q or () if text)
    return JobFilter(
        test_id=test_id, user_id=user_id, test_kind=test_kind, q=texts, since=since, until=until
    )


AskedFor = Annotated[JobFilter, Depends(_asked_for)]


def _header(description: str, kind: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": kind}}


_LIST_HEADERS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "X-Total-Count": _header("Jobs that match, on all pages.", "integer"),
            "X-Last-Event-Id": _header("The feed position that this list includes.", "string"),
            "X-Event-Log-Id": _header(LOG_ID, "string"),
            "X-Next-Before": _header("`before` of the next page; left out on the last.", "string"),
        }
    }
}


@router.post("/process", status_code=202, responses=failures(404, 409, *SENT))
def process(asked: ProcessRequest, service: ServiceDep, who: Asker) -> Success[Queued]:
    """Process a test's answers; where it has results already, again with `forceReprocess`."""
    mine = Commands(service=service, who=who)
    return _queued(mine.process(asked.user_id, asked.anp_seq, force=asked.force_reprocess))


@router.post("/process/bulk", responses=failures(*SENT))
def process_many(
    asked: BulkProcessRequest, service: ServiceDep, who: Asker
) -> Success[Sequence[BulkProcessOutcome]]:
    """Process many tests, each by itself: one that is refused does not keep the others back."""
    mine = Commands(service=service, who=who)
    outcomes = one_by_one(
        asked.test_ids, lambda test_id: mine.process_test(test_id, force=asked.force_reprocess)
    )
    return Success(data=[_processed(test_id, outcome) for test_id, outcome in outcomes])


@router.get("/jobs", responses=_LIST_HEADERS | failures(400))
def list_jobs(
    response: Response,
    service: ServiceDep,
    asked: AskedFor,
    status: Statuses = None,
    sort: JobSort = JobSort.NEWEST,
    limit: PageSize = 500,
    before: Id | None = None,
    offset: Offset = 0,
) -> Success[Sequence[Job]]:
    """`since` and `until` are about when a job was created. `longest` is by how long jobs ran, or
    run; `progress` has the furthest first; equal ones newest first.

    Pages: the newest by `before`, as `X-Next-Before` of the page before has it: a job's id, for
    those older than it, or `*`, for all of them; any order by `offset`. Without filters every
    active job is on the first page of the newest, whatever its age, and on none of the next."""
    _check_paging(sort, before, offset)
    wanted = replace(asked, statuses=tuple(status or ()))
    with service.db.reading() as tx:
        page = job_queries.page(tx, wanted, limit=limit, before=before, sort=sort, offset=offset)
        response.headers.update(_place_in_feed(tx))
    response.headers["X-Total-Count"] = str(page.total)
    if page.more_before is not None:
        response.headers["X-Next-Before"] = page.more_before
    return Success(data=page.jobs)


@router.get("/jobs/counts")
def count_jobs(service: ServiceDep, asked: AskedFor) -> Success[Mapping[JobStatus, int]]:
    """How many jobs there are in each status, of those that the filters of the list leave."""
    with service.db.reading() as tx:
        return Success(data=job_queries.count_by_status(tx, asked))


@router.get("/jobs/active", responses=_LIST_HEADERS)
def list_active_jobs(response: Response, service: ServiceDep) -> Success[Sequence[Job]]:
    """Pending and running ones, newest first."""
    with service.db.reading() as tx:
        active = job_queries.active(tx)
        response.headers.update(_place_in_feed(tx))
    response.headers["X-Total-Count"] = str(len(active))
    return Success(data=active)


@router.post("/jobs/bulk", responses=failures(*SENT))
def bulk(asked: BulkRequest, service: ServiceDep, who: Asker) -> Success[Sequence[BulkOutcome]]:
    """Cancel or retry many, each by itself: one that is refused does not undo the others."""
    mine = Commands(service=service, who=who)
    ask = mine.cancel if asked.action == "cancel" else mine.retry
    outcomes = one_by_one(asked.job_ids, lambda job_id: ask(job_id, asked.reason))
    return Success(data=[_told(job_id, outcome) for job_id, outcome in outcomes])


@router.get("/jobs/{jobId}", responses=failures(404))
def get_job(job_id: Annotated[Id, Path(alias="jobId")], service: ServiceDep) -> Success[JobDetail]:
    """One job with its steps, the newest lines of its log, and all attempts of its family."""
    with service.db.reading() as tx:
        return Success(data=job_queries.detail(tx, job_id))


@router.post("/jobs/{jobId}/cancel", status_code=202, responses=failures(404, 409, *SENT))
def cancel(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    who: Asker,
    asked: CancelRequest | None = None,
) -> Success[Message]:
    """A waiting job is cancelled at once, a running one within a second, or killed at its deadline
    (`cancelDeadline`). Asked again while it is cancelling: the same reply, nothing changes."""
    job = Commands(service=service, who=who).cancel(job_id, asked.reason if asked else None)
    done = job.status is JobStatus.CANCELLED
    message = f"Job {job_id} is {'cancelled' if done else 'being cancelled'}."
    return Success(data=Message(message=message))


@router.post("/jobs/{jobId}/retry", status_code=202, responses=failures(404, 409, *SENT))
def retry(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    who: Asker,
    asked: Nothing | None = None,
) -> Success[Queued]:
    """A new job, linked to this one by `retryOf` and `rootId`."""
    return _queued(Commands(service=service, who=who).retry(job_id))


def _place_in_feed(tx: Connection) -> dict[str, str]:
    position, log_id = event_log.position(tx), event_log.log_id(tx)
    return {"X-Last-Event-Id": str(position), "X-Event-Log-Id": log_id}


def _check_paging(sort: JobSort, before: str | None, offset: int) -> None:
    if before is not None and sort is not JobSort.NEWEST:
        raise ill_fitting("before", "goes with sort=newest only; use offset")
    if before is not None and offset:
        raise ill_fitting("offset", "does not go together with before")


def _queued(job: Job) -> Success[Queued]:
    message = f"Job {job.job_id} waits for a worker."
    return Success(data=Queued(job_id=job.job_id, status=job.status, message=message))


def _told(job_id: str, outcome: Job | ApiError) -> BulkOutcome:
    if isinstance(outcome, ApiError):
        return BulkOutcome(job_id=job_id, ok=False, error=_problem(outcome))
    new_job_id = outcome.job_id if outcome.job_id != job_id else None
    return BulkOutcome(job_id=job_id, ok=True, new_job_id=new_job_id)


def _processed(test_id: str, outcome: Job | ApiError) -> BulkProcessOutcome:
    if isinstance(outcome, ApiError):
        return BulkProcessOutcome(test_id=test_id, ok=False, error=_problem(outcome))
    return BulkProcessOutcome(test_id=test_id, ok=True, job_id=outcome.job_id)


def _problem(refused: ApiError) -> ErrorBody:
    return ErrorBody(code=refused.code, message=refused.message, details=refused.details)
