"""Errors for people: what happened, why, what to do, and the technical part behind one click."""

from collections.abc import Mapping
from typing import Any

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n import Texts
from etl_monitor.wire.job import Job, JobStatus, LogLine

_ROWS_SHOWN = 5
_HTTP = "http_"
_IN_THE_FILE = frozenset(
    {"missing_columns", "duplicate_columns", "too_many_columns", "line_too_long", "empty_file"}
    | {"binary_content", "unknown_encoding", "unreadable_file", "unreadable_column", "no_rows"}
    | {"too_many_groups", "excel_workbook", "open_quote"}
)
_NO_RETRY_MENDS = _IN_THE_FILE | {"too_many_invalid_rows"}


def problem_text(error: EtlMonitorError, texts: Texts) -> str:
    """One or two sentences in the reader's language; the service's own where we have none."""
    return _translated(error.code, error.details, texts) or error.message


def log_text(line: LogLine, texts: Texts) -> str:
    """In the reader's language; as it was written where we have no words for it."""
    details = line.details or {}
    key = f"log-{line.code}"
    if line.code and texts.has(key):
        reason = reason_text(str(details.get("reason")), texts)
        return _filled(key, details, texts, reason=reason) or line.message
    return _translated(line.code or "", details, texts) or line.message


def job_problem(job: Job, texts: Texts) -> dict[str, Any] | None:
    """Why a job failed. None for a job that did not."""
    if job.status is not JobStatus.FAILED:
        return None
    code, details = job.error_code or "", job.error_details or {}
    rows = [_bad_row(row, texts) for row in _rows(details)[:_ROWS_SHOWN]]
    return {
        "what": _translated(code, details, texts) or job.error_message or texts("problem-unknown"),
        "rowsHeading": texts("bad-rows") if rows else "",
        "rows": rows,
        "advice": _advice(code, texts),
        "technical": job.error_message or code,
    }


def is_in_the_file(job: Job) -> bool:
    """Whether the job failed for what no retry mends."""
    return job.status is JobStatus.FAILED and job.error_code in _NO_RETRY_MENDS


def _advice(code: str, texts: Texts) -> str:
    if texts.has(f"advice-{code}"):
        return texts(f"advice-{code}")
    return texts("advice-file") if code in _IN_THE_FILE else texts("advice-retry")


def reason_text(reason: str, texts: Texts) -> str:
    """Why a row does not count. A company's own pipeline has reasons of its own."""
    key = f"reason-{reason}"
    return texts(key) if texts.has(key) else reason


def counted_reasons(reasons: Mapping[str, Any], texts: Texts) -> str:
    """`answers out of range 12, repeated respondents 3`; reasons without rows are left out."""
    counts = ((reason_text(reason, texts), n) for reason, n in reasons.items() if n)
    return ", ".join(texts("counted", reason=reason, n=n) for reason, n in counts)


def _translated(code: str, details: Mapping[str, Any], texts: Texts) -> str | None:
    status = code.removeprefix(_HTTP)  # what no service of ours answered: the status alone is known
    key = f"error-{code}" if status == code else "error-http"
    if texts.has(f"{key}-{details.get('reason')}"):  # one that says more
        key = f"{key}-{details['reason']}"
    if not code or not texts.has(key):
        return None
    return _filled(key, details, texts, http=status)


def _filled(key: str, details: Mapping[str, Any], texts: Texts, **more: str) -> str | None:
    try:
        return texts(key, **_arguments(details, texts) | more)
    except (ValueError, ArithmeticError):  # details that do not fit: the service's own is better
        return None


def _arguments(details: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Plain values as they are, lists as a listing, counts by reason as one phrase."""
    told = {name: _listed(value) for name, value in details.items() if value is not None}
    if isinstance(details.get("reasons"), Mapping):
        told["reasons"] = counted_reasons(details["reasons"], texts)
    if isinstance(details.get("checks"), Mapping):
        told["checks"] = _listed([name for name, one in details["checks"].items() if not _ok(one)])
    if texts.has(step := f"step-{details.get('step')}"):
        told["step"] = texts(step)
    return told


def _ok(check: Any) -> bool:
    return isinstance(check, Mapping) and bool(check.get("ok"))


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _rows(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = details.get("rows")
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _bad_row(row: Mapping[str, Any], texts: Texts) -> str:
    """`Row 12 (respondent R0012): answer out of range, column EXT1 = 9`."""
    number, respondent = str(row.get("row", "?")), str(row.get("respondent") or "")
    key = "bad-row" if respondent else "bad-row-unnamed"
    where = texts(key, row=number, respondent=respondent)
    return f"{where}: {reason_text(str(row.get('reason', '')), texts)}{_cell(row)}"


def _cell(row: Mapping[str, Any]) -> str:
    column, value = row.get("column"), row.get("value")
    if not column:
        return ""
    return f" · {column}" if value is None else f" · {column} = {value}"
