"""Every error that can reach a person has a text in their language, with its details."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl_monitor import i18n
from etl_monitor.asgi import request_guard
from etl_monitor.client.transport import access
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import LANGUAGES, Translator, catalogue_text
from etl_monitor.pipeline import errors as pipeline_errors
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.portal import request_visitor
from etl_monitor.service import errors as service_errors
from etl_monitor.ui.jobs.problem import is_in_the_file, job_problem, log_text
from etl_monitor.ui.widgets.error_messages import problem_text, reason_text
from etl_monitor.wire import delegation, roles
from etl_monitor.wire.job import JobStatus, LogLine
from etl_monitor.wire.roles import Right, Role
from tests.support import factories
from tests.support.error_tables import table_of

ENGLISH, KOREAN = Translator("en"), Translator("ko")
ROWS = [
    BadRow(row=12, respondent="R0012", reason="out_of_range", column="EXT1", value="9"),
    BadRow(row=13, respondent="", reason="malformed"),
]

# One of each: as the pipeline and the service make them, with details as on the wire.
PIPELINE: list[EtlMonitorError] = [
    pipeline_errors.EmptyFile(),
    pipeline_errors.NoRows(),
    pipeline_errors.MissingColumns(columns=["EXT1", "EXT2"], found=["a"], test_kind="big_five_50"),
    pipeline_errors.DuplicateColumns(columns=["EXT1"]),
    pipeline_errors.TooManyColumns(columns=12_000, limit=10_000),
    pipeline_errors.LineTooLong(line=None, limit_bytes=2**20),
    pipeline_errors.LineTooLong(line=3, limit_bytes=2**20),
    pipeline_errors.BinaryContent(byte=7),
    pipeline_errors.UnknownEncoding(line=1200, byte=4),
    pipeline_errors.UnreadableFile(reason="Not a Parquet file"),
    pipeline_errors.UnreadableColumn(column="EXT1", type="list"),
    pipeline_errors.CellTooLong(column="group", row=12, limit_bytes=4_000),
    pipeline_errors.TooManyRows(rows=60_000_000, limit=50_000_000),
    pipeline_errors.ExpandsTooMuch(column="Q1", file_bytes=9_000, unpacked_bytes=90_000_000),
    pipeline_errors.TooManyGroups(limit=100),
    pipeline_errors.TooManyInvalidRows(
        total=1500, reasons={"out_of_range": 1000, "malformed": 1}, rows=ROWS
    ),
    pipeline_errors.UnknownTestKind(test_kind="nope", valid_kinds=["a", "b"]),
    pipeline_errors.BrokenDefinition(file="kind.toml", field="items", reason="too few"),
    pipeline_errors.BrokenDefinition(file="kind.toml", field="", reason="not TOML"),
    pipeline_errors.OpenQuote(line=1602),
]
SERVICE: list[EtlMonitorError] = [
    service_errors.InvalidToken(),
    roles.forbidden(Role.VIEWER, Right.UPLOAD),
    request_guard.HostNotAllowed(host="'evil.example'"),
    request_guard.OriginNotAllowed(origin="'http://localhost:3000'"),
    request_visitor.SignInRequired(),
    delegation.PersonNotAccepted(reason="expired"),
    delegation.PersonNotAccepted(reason="not_known"),
    service_errors.TooManyFeeds(limit=500),
    service_errors.MalformedRequest(reason="no JSON"),
    service_errors.BodyTooLarge(limit_bytes=1_000_000),
    service_errors.FileTooLarge(limit_mb=2000),
    service_errors.DiskFull(),
    service_errors.UnknownCursor(before="j"),
    service_errors.DatabaseUnavailable(),
    service_errors.NotReady(checks={"disk": {"ok": False}, "engine": {"ok": True}}),
    service_errors.TooManyConnections(),
    service_errors.EmptyFile(),
    service_errors.ExcelWorkbook(),
    service_errors.UnknownTestKind(test_kind="nope", valid_kinds=["a", "b"]),
    service_errors.TestOfUserNotFound(user_id="kim", anp_seq=7),
    service_errors.TestNotFound(test_id="t"),
    service_errors.JobNotFound(job_id="j"),
    service_errors.DocumentNotFound(test_id="t", document_id="d"),
    service_errors.NoStatistics(test_id="t"),
    service_errors.UnreadableStatistics(test_id="t"),
    service_errors.NoScores(test_id="t"),
    service_errors.TestIsProcessing(test_id="t", job_id="j"),
    service_errors.TestAlreadyProcessing(test_id="t", job_id="j"),
    service_errors.AlreadyProcessed(test_id="t"),
    service_errors.JobNotCancellable(job_id="j", job_status="completed"),
    service_errors.JobNotRetryable(job_id="j", job_status="running"),
    service_errors.JobNotWaiting(job_id="j", job_status="running"),
    service_errors.JobNotFailed(job_id="j", job_status="running"),
    service_errors.NoRejectedRows(test_id="t"),
    service_errors.UnknownPath(path="/x"),
    service_errors.MethodNotAllowed(method="PUT", path="/x"),
    service_errors.InvalidRequest(problems=[{"field": "title", "problem": "too long"}]),
    service_errors.InternalError(request_id="r"),
    *(
        kind(reason=reason)
        for kind in (service_errors.StorageUnavailable, service_errors.JobStorageUnavailable)
        for reason in ("unreachable", "bucket_missing", "denied", "unusable")
    ),
    service_errors.WorkerEnded(),
    service_errors.WorkerHung(step="score", seconds=45.0),
    service_errors.WorkerExited(step="score", exit_code=3),
    service_errors.WorkerKilled(step="score", signal="SIGKILL"),
    service_errors.StepExited(step="score", exit_code="3"),
    service_errors.StepInterrupted(step="score"),
    service_errors.UnusableHandover(step="score", part="Outcome.scores", problem="is not a file"),
    service_errors.NoRoomForJob(),
    service_errors.StepFailed(exception="KeyError"),
    service_errors.AnswerFileMissing(file_name="answers.csv"),
]
# Errors without a class, raised by the portal's own client.
OTHER_CODES: dict[str, dict[str, Any]] = {
    "unreachable": {"address": "http://a", "reason": "refused"},
    "timeout": {"address": "http://a", "reason": "timeout"},
    "redirect_refused": {"address": "http://a", "target": "http://b/x"},
    "not_a_service": {"address": "http://a", "problem": "data: missing"},
    "web_page": {"address": "http://a", "problem": ""},
    "sign_in_page": {"address": "http://a", "problem": ""},
    "other_version": {"address": "http://a", "problem": "data: should be a list"},
    "too_many_records": {"address": "http://a", "problem": "4,000,000"},
    "reply_too_large": {"address": "http://a", "limit": 64_000_000},
    "http_502": {"address": "http://a", "status": 502, "retry_after": None},
    "http_404": {},
}
OTHERS = [
    EtlMonitorError(code, "Own sentence.", sentences) for code, sentences in OTHER_CODES.items()
]
ERRORS = PIPELINE + SERVICE + OTHERS
CATALOGUE = catalogue_text("en")
UNTRANSLATED = "The service's own sentence."
TRACES_OF_MISSING_VALUES = ("None", "null", "undefined", "{", "}", "()", ", :", "“”", "‘’")


@pytest.mark.parametrize(
    "module", [pipeline_errors, service_errors, roles, delegation, request_guard, request_visitor]
)
def test_every_class_of_a_table_is_in_these_lists(module: ModuleType) -> None:
    """This fails for a class that is added to a table without a text for people."""
    listed = {type(error) for error in ERRORS}
    assert set(table_of(module)) <= listed


def test_every_error_text_belongs_to_an_error() -> None:
    codes = set(re.findall(r"^error-(\w+) =", CATALOGUE, re.MULTILINE)) - {"http"}
    package = Path(i18n.__file__).parent.parent
    sources = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    assert not [code for code in codes if f'"{code}"' not in sources]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", ERRORS, ids=lambda e: e.code)
def test_each_error_has_a_text_in_each_language(error: EtlMonitorError, language: str) -> None:
    text = problem_text(
        EtlMonitorError(error.code, UNTRANSLATED, error.details), Translator(language)
    )
    assert text != UNTRANSLATED
    assert not [trace for trace in TRACES_OF_MISSING_VALUES if trace in text]


def test_a_text_has_the_errors_details() -> None:
    assert "EXT1, EXT2" in problem_text(PIPELINE[2], ENGLISH)
    assert "2,000 MB" in problem_text(service_errors.FileTooLarge(limit_mb=2000), ENGLISH)
    assert "2,000MB" in problem_text(service_errors.FileTooLarge(limit_mb=2000), KOREAN)
    too_many = problem_text(
        pipeline_errors.TooManyInvalidRows(total=1500, reasons={"missing": 1001}, rows=[]), ENGLISH
    )
    assert too_many.startswith("1,001 of 1,500 rows")
    assert "missing answers 1,001" in too_many
    none = problem_text(
        pipeline_errors.TooManyInvalidRows(total=50, reasons={"missing": 50}, rows=[]), ENGLISH
    )
    assert none.startswith("None of the 50 rows")
    assert "disk" in problem_text(service_errors.NotReady(checks={"disk": {"ok": False}}), ENGLISH)


def test_an_unknown_code_or_details_that_do_not_fit_leave_the_services_sentence() -> None:
    assert problem_text(EtlMonitorError("own_code", "Own sentence."), KOREAN) == "Own sentence."
    error = EtlMonitorError("file_too_large", "Own sentence.", {"limit": 3})
    assert problem_text(error, KOREAN) == "Own sentence."
    error = EtlMonitorError("missing_columns", "Own sentence.", {"columns": None})
    assert problem_text(error, KOREAN) == "Own sentence."
    error = EtlMonitorError("file_too_large", "Own sentence.", {"limitMb": float("nan")})
    assert problem_text(error, KOREAN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["rows", "reasons", "columns", "limit", "limitMb", "total", "unusable", "line", "key", "self"]
)
ODD_ROWS = st.lists(
    st.dictionaries(st.sampled_from(["row", "respondent", "reason", "column", "value"]), JSON)
)


@settings(deadline=None)
@given(
    code=st.sampled_from(sorted({error.code for error in ERRORS})),
    details=st.dictionaries(NAMES | st.text(max_size=5), JSON),
    rows=ODD_ROWS | JSON,
)
def test_no_details_whatsoever_break_a_page(code: str, details: dict[str, Any], rows: Any) -> None:
    details = details | {"rows": rows}
    assert problem_text(EtlMonitorError(code, "Own sentence.", details), KOREAN)
    job = factories.failed(error_code=code, error_details=details)
    problem = job_problem(job, ENGLISH)
    assert problem is not None
    assert problem["reason"]
    assert len(problem["rows"]) <= 5


@pytest.mark.parametrize("code", ["missing_columns", "empty_file", "no_rows"])
def test_a_fault_in_the_file_does_not_advise_a_retry(code: str) -> None:
    problem = job_problem(factories.failed(error_code=code, error_details={}), ENGLISH)
    assert problem is not None
    assert problem["advice"].startswith("Correct the file")
    other = job_problem(factories.failed(error_code="internal_error"), ENGLISH)
    assert other is not None
    assert other["advice"].startswith("Try again")


def test_a_failed_job_names_problem_rows_remedy_and_technical_details() -> None:
    (error,) = (e for e in PIPELINE if isinstance(e, pipeline_errors.TooManyInvalidRows))
    job = factories.failed(
        error_code=error.code, error_message=error.message, error_details=error.details
    )
    problem = job_problem(job, ENGLISH)
    assert problem is not None
    assert problem["reason"].endswith("rows with a wrong number of fields 1.")
    assert problem["rowsHeading"] == "The first rows:"
    assert problem["rows"] == [
        "Row 12 (respondent R0012): answers out of range · EXT1 = 9",
        "Row 13: rows with a wrong number of fields",
    ]
    assert problem["advice"].startswith("Correct the file, or")
    assert problem["technical"] == error.message
    korean = job_problem(job, KOREAN)
    assert korean is not None
    assert korean["rows"] == [
        "12행(응시자 R0012): 범위를 벗어난 응답 · EXT1 = 9",
        "13행: 열 개수가 맞지 않는 행",
    ]


def test_a_back_end_without_codes_is_quoted() -> None:
    job = factories.original(JobStatus.FAILED, error_message="ORA-00942: 테이블 없음")
    problem = job_problem(job, KOREAN)
    assert problem is not None
    assert problem["reason"] == "ORA-00942: 테이블 없음"
    assert (problem["rowsHeading"], problem["rows"]) == ("", []), "nothing is announced"


def test_a_job_that_failed_without_a_message() -> None:
    problem = job_problem(factories.original(JobStatus.FAILED), ENGLISH)
    assert problem is not None
    assert problem["reason"] == "The job failed without saying why."
    assert problem["technical"] == ""


@pytest.mark.parametrize(
    "make", [factories.pending, factories.running, factories.completed, factories.cancelled]
)
def test_only_a_failed_job_has_a_problem(make: Callable[..., Any]) -> None:
    assert job_problem(make(error_message="left over"), ENGLISH) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", pipeline_errors.REASON_WORDS)
def test_each_reason_for_a_row_has_a_text_in_each_language(reason: str, language: str) -> None:
    assert reason_text(reason, Translator(language)) != reason


def test_reasons_of_a_company_keep_their_own_name() -> None:
    assert reason_text("missing", KOREAN) == "무응답 과다"
    assert reason_text("count", KOREAN) == "count"
    assert reason_text("too_slow", KOREAN) == "too_slow"


def test_an_invalid_address_is_reported_as_a_setting() -> None:
    with pytest.raises(EtlMonitorError) as caught:
        access("nowhere", None)
    assert problem_text(caught.value, KOREAN) == caught.value.message


def test_a_step_that_hung_is_named() -> None:
    hung = service_errors.WorkerHung(step="score", seconds=45.0)
    assert "“scoring” did not respond for 45 s" in problem_text(hung, ENGLISH)
    assert "‘채점’ 단계에서 45초 동안" in problem_text(hung, KOREAN)


def line(message: str, code: str | None = None, **details: object) -> LogLine:
    return LogLine(
        at=factories.ago(), level="info", message=message, code=code, details=details or None
    )


def test_a_log_line_is_in_the_readers_language_if_there_is_a_text() -> None:
    read = line("3 rows read", "rows_read", rows=12_000, malformed=2)
    assert log_text(read, ENGLISH) == "12,000 rows read, 2 with a wrong number of fields"
    assert log_text(read, KOREAN) == "12,000행을 읽음, 열 개수가 맞지 않는 행 2개"
    left_out = line("…", "rows_not_used", count=3, total=50, reason="straight_lining")
    assert log_text(left_out, KOREAN) == "50행 중 3행 제외: 동일 응답 반복"
    assert log_text(line("Empty.", "empty_file"), KOREAN).startswith("파일이 비어")
    for own in (line("<b>own"), line("<b>own", "own_code"), line("<b>own", "rows_read")):
        assert log_text(own, KOREAN) == "<b>own"


def test_errors_that_no_retry_solves_are_in_the_file() -> None:
    assert is_in_the_file(factories.failed(error_code="empty_file"))
    assert is_in_the_file(factories.failed(error_code="too_many_invalid_rows"))
    assert not is_in_the_file(factories.failed(error_code="worker_lost"))
