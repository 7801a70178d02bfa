"""What a reply's HTTP status says about the feed: whether another attempt may help, and when.

503 and every other 5xx status is temporary: the follower reconnects.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_TEMPORARY = (408, 425, 429)
_FINAL = {204: "no_content", 401: "unauthorised", 403: "forbidden"}


def reason_of_status(status: int) -> str:
    """Return the code that says why a connection with this HTTP status is not live."""
    return _FINAL.get(status, f"http_{status}")


def is_final_status(status: int) -> bool:
    """Return whether another attempt is pointless after this HTTP status."""
    return status in _FINAL or (400 <= status < 500 and status not in _TEMPORARY)


def parse_retry_after(header: str | None) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, as a number or as a date; None if it
    cannot be read."""
    value = (header or "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # the latter for a year beyond the calendar
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())
