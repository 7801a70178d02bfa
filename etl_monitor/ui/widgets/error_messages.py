"""Errors as texts in the reader's language."""

from collections.abc import Mapping
from typing import Any

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator

_HTTP = "http_"


def problem_text(error: EtlMonitorError, t: Translator) -> str:
    """Return one or two sentences; the service's own message if there is no text for the code."""
    return message_of_code(error.code, error.details, t) or error.message


def reason_text(reason: str, t: Translator) -> str:
    """Return why a row was left out. A company's own pipeline may have other reasons."""
    key = f"reason-{reason}"
    return t(key) if t.has(key) else reason


def counted_reasons(reasons: Mapping[str, Any], t: Translator) -> str:
    """Return `answers out of range 12, repeated respondents 3`, without reasons that count 0."""
    counts = ((reason_text(reason, t), n) for reason, n in reasons.items() if n)
    return ", ".join(t("counted", reason=reason, n=n) for reason, n in counts)


def message_of_code(code: str, details: Mapping[str, Any], t: Translator) -> str | None:
    """Return the text for an error code, None if there is none."""
    status = code.removeprefix(_HTTP)  # a reply without an error body has no more than its status
    key = f"error-{code}" if status == code else "error-http"
    if t.has(f"{key}-{details.get('reason')}"):  # a more specific text
        key = f"{key}-{details['reason']}"
    if not code or not t.has(key):
        return None
    return fill_message(key, details, t, http=status)


def fill_message(key: str, details: Mapping[str, Any], t: Translator, **more: str) -> str | None:
    """Return the text of `key` with `details` as its arguments, None if they do not fit it."""
    try:
        return t(key, **_arguments(details, t) | more)
    except (ValueError, ArithmeticError):
        return None


def _arguments(details: Mapping[str, Any], t: Translator) -> dict[str, Any]:
    """Return the details as arguments of a message: lists as a listing, counts by reason and failed
    checks as one phrase each, steps by name."""
    arguments = {name: _listed(value) for name, value in details.items() if value is not None}
    if isinstance(details.get("reasons"), Mapping):
        arguments["reasons"] = counted_reasons(details["reasons"], t)
    if isinstance(details.get("checks"), Mapping):
        failed = [name for name, check in details["checks"].items() if not _ok(check)]
        arguments["checks"] = _listed(failed)
    if t.has(step := f"step-{details.get('step')}"):
        arguments["step"] = t(step)
    return arguments


def _ok(check: Any) -> bool:
    return isinstance(check, Mapping) and bool(check.get("ok"))


def _listed(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
