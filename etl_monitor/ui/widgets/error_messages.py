"""Errors for people: what happened, why, what to do, and the technical part behind one click."""

from collections.abc import Mapping
from typing import Any

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator

_HTTP = "http_"


def problem_text(error: EtlMonitorError, t: Translator) -> str:
    """One or two sentences in the reader's language; the service's own where we have none."""
    return message_of_code(error.code, error.details, t) or error.message


def reason_text(reason: str, t: Translator) -> str:
    """Why a row does not count. A company's own pipeline has reasons of its own."""
    key = f"reason-{reason}"
    return t(key) if t.has(key) else reason


def counted_reasons(reasons: Mapping[str, Any], t: Translator) -> str:
    """`answers out of range 12, repeated respondents 3`; reasons without rows are left out."""
    counts = ((reason_text(reason, t), n) for reason, n in reasons.items() if n)
    return ", ".join(t("counted", reason=reason, n=n) for reason, n in counts)


def message_of_code(code: str, details: Mapping[str, Any], t: Translator) -> str | None:
    status = code.removeprefix(_HTTP)  # what no service of ours answered: the status alone is known
    key = f"error-{code}" if status == code else "error-http"
    if t.has(f"{key}-{details.get('reason')}"):  # one that says more
        key = f"{key}-{details['reason']}"
    if not code or not t.has(key):
        return None
    return fill_message(key, details, t, http=status)


def fill_message(key: str, details: Mapping[str, Any], t: Translator, **more: str) -> str | None:
    try:
        return t(key, **_arguments(details, t) | more)
    except (ValueError, ArithmeticError):  # details that do not fit: the service's own is better
        return None


def _arguments(details: Mapping[str, Any], t: Translator) -> dict[str, Any]:
    """Plain values as they are, lists as a listing, counts by reason as one phrase."""
    told = {name: _listed(value) for name, value in details.items() if value is not None}
    if isinstance(details.get("reasons"), Mapping):
        told["reasons"] = counted_reasons(details["reasons"], t)
    if isinstance(details.get("checks"), Mapping):
        told["checks"] = _listed([name for name, one in details["checks"].items() if not _ok(one)])
    if t.has(step := f"step-{details.get('step')}"):
        told["step"] = t(step)
    return told


def _ok(check: Any) -> bool:
    return isinstance(check, Mapping) and bool(check.get("ok"))


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
