"""The calls for test results: list, read, upload and delete."""

import os
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import Action
from etl_monitor.service.api.authorization import AuthorizedRoute, PrincipalDep
from etl_monitor.service.api.dependencies import (
    Id,
    LanguageDep,
    Name,
    NoBody,
    Offset,
    PageSize,
    Search,
    ServiceDep,
    TestKindName,
)
from etl_monitor.service.api.responses import (
    WITH_BODY,
    Responses,
    failures,
    success,
    total_count_header,
)
from etl_monitor.service.api.upload_form import REPLACEMENT_BODY, UPLOAD_BODY
from etl_monitor.service.api.uploads import receive, receive_replacement
from etl_monitor.service.border.kinds import offered_kinds
from etl_monitor.service.commands import Commands
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.results.order import ResultSort
from etl_monitor.wire.rejected import RejectedSummary
from etl_monitor.wire.replies import Message, Reply
from etl_monitor.wire.result import DocumentText, ResultStatus, TestKind, TestResult
from etl_monitor.wire.statistics import Statistics

router = APIRouter(tags=["results"], route_class=AuthorizedRoute)

TestId = Annotated[Id, Path(alias="testId")]
Order = Literal["asc", "desc"]

_TOTAL = total_count_header("Results")
_PARQUET = "application/vnd.apache.parquet"
_SCORES: Responses = {
    200: {
        "description": "One row for each respondent.",
        "content": {
            _PARQUET: {"schema": {"type": "string", "format": "binary"}},
            "text/csv": {"schema": {"type": "string"}},
        },
    }
}

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REJECTED: Responses = {
    200: {
        "description": "One row for each row that was left out.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/json": {},
            _XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.get("/tests/results", responses=_TOTAL)
def list_results(
    response: Response,
    service: ServiceDep,
    language: LanguageDep,
    status: ResultStatus | None = None,
    q: Search | None = None,
    user_id: Annotated[Name | None, Query(alias="userId")] = None,
    test_kind: Annotated[TestKindName | None, Query(alias="testKind")] = None,
    sort: ResultSort = ResultSort.NEWEST,
    order: Order | None = None,
    limit: PageSize = 500,
    offset: Offset = 0,
) -> Reply[Sequence[TestResult]]:
    """The status is `processing` while a job is active, else `completed` if there are results, also
    of an earlier job, else `failed`.

    `lastRun` is by the creation of the newest job; `respondents` has tests without results last.
    Without `order`, titles and persons are ascending, all else descending."""
    result_filter = ResultFilter(status=status, user_id=user_id, test_kind=test_kind, q=q)
    is_descending = None if order is None else order == "desc"
    with service.db.reading() as tx:
        page, total = result_queries.page(
            tx,
            result_filter,
            language,
            limit=limit,
            offset=offset,
            sort=sort,
            descending=is_descending,
        )
    response.headers["X-Total-Count"] = str(total)
    return success(page)


@router.get("/tests/results/user/{userId:path}", responses=_TOTAL)
def list_results_of_user(
    user_id: Annotated[Name, Path(alias="userId")],
    response: Response,
    service: ServiceDep,
    language: LanguageDep,
    limit: PageSize = 1000,
    offset: Offset = 0,
) -> Reply[Sequence[TestResult]]:
    result_filter = ResultFilter(user_id=user_id)
    with service.db.reading() as tx:
        page, total = result_queries.page(tx, result_filter, language, limit=limit, offset=offset)
    response.headers["X-Total-Count"] = str(total)
    return success(page)


@router.post(
    "/tests/results",
    status_code=201,
    openapi_extra=UPLOAD_BODY,
    responses=failures(500, *WITH_BODY),
)
async def upload(
    request: Request, service: ServiceDep, principal: PrincipalDep, language: LanguageDep
) -> Reply[TestResult]:
    """Upload an answer file. Its first job is queued."""
    return success(await receive(request, service, principal, language))


@router.get("/tests/results/{testId}", responses=failures(404))
def get_result(test_id: TestId, service: ServiceDep, language: LanguageDep) -> Reply[TestResult]:
    with service.db.reading() as tx:
        return success(result_queries.get(tx, test_id, language))


@router.put(
    "/tests/results/{testId}/file",
    status_code=202,
    openapi_extra=REPLACEMENT_BODY,
    responses=failures(404, 409, 500, *WITH_BODY),
)
async def replace_file(
    test_id: TestId,
    request: Request,
    service: ServiceDep,
    principal: PrincipalDep,
    language: LanguageDep,
) -> Reply[TestResult]:
    """Replace a test's answer file by a corrected one. Its next attempt is queued; title and person
    stay, and the old results stand until it has completed. Not while a job is active."""
    return success(await receive_replacement(request, service, principal, language, test_id))


@router.get(
    "/tests/results/{testId}/rejected",
    responses=_REJECTED | failures(404),
    response_class=Response,
)
def get_rejected(
    test_id: TestId,
    service: ServiceDep,
    principal: PrincipalDep,
    file_format: Annotated[Literal["csv", "xlsx", "json"], Query(alias="format")] = "csv",
) -> Response:
    """Every row that the newest run left out: row, respondent, column, value, reason. The activity
    log has an entry of it."""
    from etl_monitor.service.results import rejected_rows, scores_file  # with pyarrow: 60 MB

    with service.db.reading() as tx:
        title = result_queries.test_row(tx, test_id).title
    file = rejected_rows.open_rejected(service.db, service.folders, test_id)
    action = Action(action="download", test_id=test_id, title=title)
    activity_log.record_read(service.db, principal, action)
    headers = {"Content-Disposition": _attachment(f"{title} rejected.{file_format}")}
    if file_format == "csv":
        return StreamingResponse(scores_file.as_csv(file), media_type=_CSV, headers=headers)
    if file_format == "json":
        return StreamingResponse(rejected_rows.as_json(file), media_type="application/json")
    return StreamingResponse(rejected_rows.as_xlsx(file), media_type=_XLSX, headers=headers)


@router.get("/tests/results/{testId}/rejected/summary", responses=failures(404))
def get_rejected_summary(test_id: TestId, service: ServiceDep) -> Reply[RejectedSummary]:
    """How many rows the newest run left out, by column and reason."""
    from etl_monitor.service.results import rejected_rows

    file = rejected_rows.open_rejected(service.db, service.folders, test_id)
    return success(rejected_rows.summary(file))


@router.delete("/tests/results/{testId}", responses=failures(404, 409, *WITH_BODY))
def delete_result(
    test_id: TestId, service: ServiceDep, principal: PrincipalDep, body: NoBody | None = None
) -> Reply[Message]:
    """Delete a test with its jobs, documents and files. Not while a job is active."""
    Commands(service=service, principal=principal).delete(test_id)
    return success(Message(message="The test result is deleted, with all its jobs."))


@router.get("/tests/results/{testId}/statistics", responses=failures(404))
def get_statistics(test_id: TestId, service: ServiceDep) -> Reply[Statistics]:
    with service.db.reading() as tx:
        return success(result_queries.statistics(tx, test_id))


@router.get("/tests/results/{testId}/documents/{documentId}", responses=failures(404))
def get_document(
    test_id: TestId,
    document_id: Annotated[Id, Path(alias="documentId")],
    service: ServiceDep,
    language: LanguageDep,
) -> Reply[DocumentText]:
    """The whole text, in the language of `Accept-Language` if there is one."""
    with service.db.reading() as tx:
        return success(result_queries.document(tx, test_id, document_id, language))


@router.get(
    "/tests/results/{testId}/scores", responses=_SCORES | failures(404), response_class=Response
)
def get_scores(
    test_id: TestId,
    service: ServiceDep,
    principal: PrincipalDep,
    file_format: Annotated[Literal["parquet", "csv"], Query(alias="format")] = "parquet",
) -> Response:
    """The scores of all respondents, as a file. In the CSV, a `'` precedes text that a spreadsheet
    would take for a formula. The activity log has an entry of it."""
    from etl_monitor.service.results import scores_file

    with service.db.reading() as tx:
        title = result_queries.test_row(tx, test_id).title
    file = scores_file.open_scores(service.db, service.folders, test_id)
    action = Action(action="download", test_id=test_id, title=title)
    activity_log.record_read(service.db, principal, action)
    headers = {"Content-Disposition": _attachment(f"{title} scores.{file_format}")}
    if file_format == "csv":
        return StreamingResponse(scores_file.as_csv(file), media_type=_CSV, headers=headers)
    headers["Content-Length"] = str(os.fstat(file.fileno()).st_size)
    return StreamingResponse(scores_file.as_parquet(file), media_type=_PARQUET, headers=headers)


@router.get("/test-kinds", responses=failures(500))
def list_test_kinds(service: ServiceDep) -> Reply[Sequence[TestKind]]:
    """The kinds of test that files can be uploaded for. If there are none, any name is accepted."""
    return success(offered_kinds(service.pipeline, service.settings.kinds_dir))


def _attachment(file_name: str) -> str:
    """Return the header's value; a title may hold anything, so it is quoted (RFC 6266)."""
    return f"attachment; filename*=UTF-8''{quote(file_name, safe='')}"
