"""The calls for jobs: process, list, cancel and retry, one or many."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BeforeValidator, Field, Strict, StrictBool
from sqlalchemy import Connection

from etl_monitor.errors import ApiError
from etl_monitor.service.api.authorization import AuthorizedRoute, PrincipalDep
from etl_monitor.service.api.dependencies import (
    Body,
    Id,
    Name,
    NoBody,
    Number,
    Offset,
    PageSize,
    Reason,
    Search,
    ServiceDep,
    TestKindName,
    UtcTime,
    check_period,
    invalid_parameter,
)
from etl_monitor.service.api.responses import WITH_BODY, Responses, failures, header, success
from etl_monitor.service.commands import Commands, one_by_one
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.wire.job import Job, JobDetail, JobStatus
from etl_monitor.wire.replies import (
    BulkOutcome,
    ErrorBody,
    Message,
    ProcessOutcome,
    QueuedJob,
    Reply,
)

router = APIRouter(prefix="/etl", tags=["jobs"], route_class=AuthorizedRoute)

MAX_BULK = 1000
LOG_ID = "The id of the event log that the positions belong to; it is another for another database."


class ProcessRequest(Body):
    user_id: Name
    anp_seq: Annotated[Number, Strict()]
    force_reprocess: StrictBool = False


class CancelRequest(Body):
    reason: Reason | None = None


class BulkRequest(Body):
    action: Literal["cancel", "retry"]
    job_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_BULK)]
    reason: Reason | None = None


class BulkProcessRequest(Body):
    test_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_BULK)]
    force_reprocess: StrictBool = False


def _split_at_commas(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [part for text in value for part in text.split(",")]


Statuses = Annotated[
    list[JobStatus] | None,
    BeforeValidator(_split_at_commas),
    Query(description="One or more, repeated or separated by commas."),
]

Searches = Annotated[
    list[Search] | None,
    Query(max_length=10, description="Words in any order; of several texts any may match."),
]


def _job_filter(
    test_id: Annotated[Id | None, Query(alias="testId")] = None,
    user_id: Annotated[Name | None, Query(alias="userId")] = None,
    test_kind: Annotated[TestKindName | None, Query(alias="testKind")] = None,
    q: Searches = None,
    since: Annotated[UtcTime | None, Query(description="Created at this time or later.")] = None,
    until: Annotated[UtcTime | None, Query(description="Created before.")] = None,
) -> JobFilter:
    check_period(since, until)
    searches = tuple(text for text in q or () if text)
    return JobFilter(
        test_id=test_id, user_id=user_id, test_kind=test_kind, q=searches, since=since, until=until
    )


JobFilterDep = Annotated[JobFilter, Depends(_job_filter)]


_LIST_HEADERS: Responses = {
    200: {
        "headers": {
            "X-Total-Count": header("Jobs that match, on all pages."),
            "X-Last-Event-Id": header("The feed position that this list includes.", "string"),
            "X-Event-Log-Id": header(LOG_ID, "string"),
            "X-Next-Before": header(
                "`before` of the next page; not sent on the last one.", "string"
            ),
        }
    }
}


@router.post("/process", status_code=202, responses=failures(404, 409, *WITH_BODY))
def process(body: ProcessRequest, service: ServiceDep, principal: PrincipalDep) -> Reply[QueuedJob]:
    """Process a test's answers; if it has results, again only with `forceReprocess`."""
    commands = Commands(service=service, principal=principal)
    return _queued(commands.process(body.user_id, body.anp_seq, force=body.force_reprocess))


@router.post("/process/bulk", responses=failures(*WITH_BODY))
def process_many(
    body: BulkProcessRequest, service: ServiceDep, principal: PrincipalDep
) -> Reply[Sequence[ProcessOutcome]]:
    """Process many tests, each by itself: a rejected one does not affect the others."""
    commands = Commands(service=service, principal=principal)
    outcomes = one_by_one(
        body.test_ids, lambda test_id: commands.process_test(test_id, force=body.force_reprocess)
    )
    return success([_process_outcome(test_id, outcome) for test_id, outcome in outcomes])


@router.get("/jobs", responses=_LIST_HEADERS | failures(400))
def list_jobs(
    response: Response,
    service: ServiceDep,
    job_filter: JobFilterDep,
    status: Statuses = None,
    sort: JobSort = JobSort.NEWEST,
    limit: PageSize = 500,
    before: Id | None = None,
    offset: Offset = 0,
) -> Reply[Sequence[Job]]:
    """`since` and `until` are about when a job was created. `longest` is by running time, until now
    for running jobs; `progress` has the most advanced first; `queue` has running jobs, then waiting
    ones in the order in which they will run, then the others; equal ones are newest first.

    Pages: the newest by `before`, as `X-Next-Before` of the previous page has it: a job's id, for
    those older than it, or `*`, for all of them; any order by `offset`. Without filters every
    active job is on the first page of the newest, whatever its age, and on no other."""
    _check_paging(sort, before, offset)
    job_filter = replace(job_filter, statuses=tuple(status or ()))
    with service.db.reading() as tx:
        page = job_pages.page(tx, job_filter, limit=limit, before=before, sort=sort, offset=offset)
        response.headers.update(_feed_position(tx))
        page_jobs = with_places(tx, page.jobs, service.worker_count)
    response.headers["X-Total-Count"] = str(page.total)
    if page.more_before is not None:
        response.headers["X-Next-Before"] = page.more_before
    return success(page_jobs)


@router.get("/jobs/counts")
def count_jobs(service: ServiceDep, job_filter: JobFilterDep) -> Reply[Mapping[JobStatus, int]]:
    """The number of jobs in each status, with the filters of the list."""
    with service.db.reading() as tx:
        return success(count_by_status(tx, job_filter))


@router.get("/jobs/active", responses=_LIST_HEADERS)
def list_active_jobs(response: Response, service: ServiceDep) -> Reply[Sequence[Job]]:
    """Pending and running jobs, newest first."""
    with service.db.reading() as tx:
        active = with_places(tx, job_queries.active(tx), service.worker_count)
        response.headers.update(_feed_position(tx))
    response.headers["X-Total-Count"] = str(len(active))
    return success(active)


@router.post("/jobs/bulk", responses=failures(*WITH_BODY))
def bulk(
    body: BulkRequest, service: ServiceDep, principal: PrincipalDep
) -> Reply[Sequence[BulkOutcome]]:
    """Cancel or retry many jobs, each by itself: a rejected one does not affect the others."""
    commands = Commands(service=service, principal=principal)
    command = commands.cancel if body.action == "cancel" else commands.retry
    outcomes = one_by_one(body.job_ids, lambda job_id: command(job_id, body.reason))
    return success([_bulk_outcome(job_id, outcome) for job_id, outcome in outcomes])


@router.get("/jobs/{jobId}", responses=failures(404))
def get_job(job_id: Annotated[Id, Path(alias="jobId")], service: ServiceDep) -> Reply[JobDetail]:
    """A job with its steps, the newest lines of its log, and all attempts of its family."""
    with service.db.reading() as tx:
        (detail,) = with_places(tx, [job_queries.detail(tx, job_id)], service.worker_count)
        return success(detail)


@router.post("/jobs/{jobId}/cancel", status_code=202, responses=failures(404, 409, *WITH_BODY))
def cancel(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    principal: PrincipalDep,
    body: CancelRequest | None = None,
) -> Reply[Message]:
    """A waiting job is cancelled at once, a running one within a second; at its deadline
    (`cancelDeadline`) it is killed. A repeated request has the same reply and changes nothing."""
    commands = Commands(service=service, principal=principal)
    job = commands.cancel(job_id, body.reason if body else None)
    is_cancelled = job.status is JobStatus.CANCELLED
    message = f"Job {job_id} is {'cancelled' if is_cancelled else 'being cancelled'}."
    return success(Message(message=message))


@router.post("/jobs/{jobId}/retry", status_code=202, responses=failures(404, 409, *WITH_BODY))
def retry(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    principal: PrincipalDep,
    body: NoBody | None = None,
) -> Reply[QueuedJob]:
    """A new job, linked to this one by `retryOf` and `rootId`."""
    return _queued(Commands(service=service, principal=principal).retry(job_id))


@router.post("/jobs/{jobId}/promote", responses=failures(404, 409, *WITH_BODY))
def promote(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    principal: PrincipalDep,
    body: NoBody | None = None,
) -> Reply[Message]:
    """Move a waiting job to the front of the queue."""
    Commands(service=service, principal=principal).promote(job_id)
    return success(Message(message=f"Job {job_id} is the next one."))


@router.post("/jobs/{jobId}/seen", responses=failures(404, 409, *WITH_BODY))
def mark_seen(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    principal: PrincipalDep,
    body: NoBody | None = None,
) -> Reply[Message]:
    """Mark a failed job as seen, so that it no longer needs attention."""
    Commands(service=service, principal=principal).mark_seen(job_id)
    return success(Message(message=f"Job {job_id} is marked as seen."))


def _feed_position(tx: Connection) -> dict[str, str]:
    position, log_id = event_log.position(tx), event_log.log_id(tx)
    return {"X-Last-Event-Id": str(position), "X-Event-Log-Id": log_id}


def _check_paging(sort: JobSort, before: str | None, offset: int) -> None:
    if before is not None and sort is not JobSort.NEWEST:
        raise invalid_parameter("before", "goes with sort=newest only; use offset")
    if before is not None and offset:
        raise invalid_parameter("offset", "does not go together with before")


def _queued(job: Job) -> Reply[QueuedJob]:
    message = f"Job {job.job_id} waits for a worker."
    return success(QueuedJob(job_id=job.job_id, status=job.status, message=message))


def _bulk_outcome(job_id: str, outcome: Job | ApiError) -> BulkOutcome:
    if isinstance(outcome, ApiError):
        return BulkOutcome(job_id=job_id, ok=False, error=ErrorBody.of(outcome))
    new_job_id = outcome.job_id if outcome.job_id != job_id else None
    return BulkOutcome(job_id=job_id, ok=True, new_job_id=new_job_id)


def _process_outcome(test_id: str, outcome: Job | ApiError) -> ProcessOutcome:
    if isinstance(outcome, ApiError):
        return ProcessOutcome(test_id=test_id, ok=False, error=ErrorBody.of(outcome))
    return ProcessOutcome(test_id=test_id, ok=True, job_id=outcome.job_id)
