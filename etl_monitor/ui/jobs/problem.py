"""Why a job failed, in the reader's language: reason, advice, the first bad rows."""

from collections.abc import Mapping
from typing import Any

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.payloads import JobProblem
from etl_monitor.ui.widgets.error_messages import fill_message, message_of_code, reason_text
from etl_monitor.wire.job import Job, JobStatus, LogLine

_ROWS_SHOWN = 5
_IN_THE_FILE = frozenset(
    {"missing_columns", "duplicate_columns", "too_many_columns", "line_too_long", "empty_file"}
    | {"binary_content", "unknown_encoding", "unreadable_file", "unreadable_column", "no_rows"}
    | {"too_many_groups", "excel_workbook", "open_quote", "cell_too_long", "too_many_rows"}
    | {"expands_too_much"}
)
_RETRY_IS_USELESS = _IN_THE_FILE | {"too_many_invalid_rows"}


def log_text(line: LogLine, t: Translator) -> str:
    """Return a log line in the reader's language; as it was written if there is no text for it."""
    details = line.details or {}
    key = f"log-{line.code}"
    if line.code and t.has(key):
        reason = reason_text(str(details.get("reason")), t)
        return fill_message(key, details, t, reason=reason) or line.message
    return message_of_code(line.code or "", details, t) or line.message


def job_problem(job: Job, t: Translator) -> JobProblem | None:
    """Return why a job failed, or that it cannot be shown. None if it did not."""
    if job.unreadable:
        return _unreadable(job.unreadable, t)
    if job.status is not JobStatus.FAILED:
        return None
    code, details = job.error_code or "", job.error_details or {}
    rows = [_bad_row(row, t) for row in _rows(details)[:_ROWS_SHOWN]]
    return {
        "reason": message_of_code(code, details, t) or job.error_message or t("problem-unknown"),
        "rowsHeading": t("bad-rows") if rows else "",
        "rows": rows,
        "advice": _advice(code, t),
        "technical": job.error_message or code,
    }


def _unreadable(technical: str, t: Translator) -> JobProblem:
    return {
        "reason": t("record-unreadable"),
        "rowsHeading": "",
        "rows": [],
        "advice": t("advice-record-unreadable"),
        "technical": technical,
    }


def is_in_the_file(job: Job) -> bool:
    """Return True if the file is at fault, so that a retry would fail again."""
    return job.status is JobStatus.FAILED and job.error_code in _RETRY_IS_USELESS


def _advice(code: str, t: Translator) -> str:
    if t.has(f"advice-{code}"):
        return t(f"advice-{code}")
    return t("advice-file") if code in _IN_THE_FILE else t("advice-retry")


def _rows(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = details.get("rows")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _bad_row(row: Mapping[str, Any], t: Translator) -> str:
    """Return `Row 12 (respondent R0012): answer out of range · EXT1 = 9`."""
    number, respondent = str(row.get("row", "?")), str(row.get("respondent") or "")
    key = "bad-row" if respondent else "bad-row-unnamed"
    row_text = t(key, row=number, respondent=respondent)
    return f"{row_text}: {reason_text(str(row.get('reason', '')), t)}{_cell(row)}"


def _cell(row: Mapping[str, Any]) -> str:
    column, value = row.get("column"), row.get("value")
    if not column:
        return ""
    return f" · {column}" if value is None else f" · {column} = {value}"
