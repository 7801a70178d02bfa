"""Read single values as back ends of many makes send them.

Each function returns what it understood, None for `null`, and raises ValueError for anything else.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ZONES = timedelta(days=1)  # from the calendar's ends, so that each reader's time zone has the time
MAX_NUMBER = 10**18
MAX_ID = 1000  # characters
MAX_TEXT = 10_000  # characters; longer texts are cut
_MAX_DETAILS = 100_000  # characters as JSON
_BYTE_ORDER_MARK = "\ufeff"
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}(?:\.\d*)?")  # thousands, lakhs
_COMPACT = re.compile(r"(?:19|20)\d{12}")  # a time's 14 digits without separators
_SLASHES = re.compile(r"^(\d{4})([/.])(\d\d)\2(\d\d)(?!\d)")
_END_OF_DAY = re.compile(r"^([\d-]{8,10}[T ])24(?=(?::?00){1,2}(?:[.,]0+)?(?!\d))")
_JAVA_ZONE = re.compile(r"\[([^\]]+)\]$")  # `2026-11-27T10:00+09:00[Asia/Seoul]`
_ZONE_NAME = re.compile(r"\s*(?:UTC|GMT|Z)$", re.IGNORECASE)
_TIME_ZONE_OFFSET = re.compile(r"\s+([+-]\d\d(?::?\d\d)?)$")
_MILLISECONDS = 100_000_000_000  # from here on a number of seconds would be beyond the year 5138


def decode(data: bytes | str) -> Any:
    """Return the JSON value of a text. Invalid UTF-8 and single surrogates become U+FFFD or `?`, so
    that any text in it can be sent on. Raises ValueError."""
    try:
        return msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return _decode_leniently(data)


def _decode_leniently(data: bytes | str) -> Any:
    if isinstance(data, bytes):  # UTF-16, as PowerShell writes it, begins in a way of its own
        data = data.decode(json.detect_encoding(data), "replace")
    text = data.removeprefix(_BYTE_ORDER_MARK)
    try:
        value = json.loads(text)
        return json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def text(value: Any) -> str | None:
    """Return text, cut at 10,000 characters; numbers and truth values as text, an object's own
    `message` or the whole of it as JSON."""
    if isinstance(value, str):
        return value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + "…"
    return None if value is None else text(_other_as_text(value))


def _other_as_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, Mapping) and isinstance(value.get("message"), str):
        return str(value["message"])
    return json.dumps(value, ensure_ascii=False)


def identifier(value: Any) -> str | None:
    """Return an id: a text that is not empty, or a number."""
    if isinstance(value, bool | Mapping | list) or value == "":
        raise ValueError("should be a text or a number")
    name = text(value)
    if name is not None and len(name) > MAX_ID:
        raise ValueError("should have at most 1,000 characters")
    return name


def number(value: Any) -> float:
    """Return a finite or infinite number, also of a text: `12`, `1,234`, `45.5 %`, `45,5`."""
    if isinstance(value, str):
        value = _number_of_text(value.strip().removesuffix("%").strip())
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError("should be a number")
    return value


def _number_of_text(value: str) -> float:
    if _GROUPED.fullmatch(value):
        return float(value.replace(",", ""))
    is_decimal_comma = value.count(",") == 1 and "." not in value
    return float(value.replace(",", ".") if is_decimal_comma else value)


def whole_number(value: Any) -> int | None:
    """Return a whole number; a fraction is cut off. An empty text is none."""
    if value is None or value == "":
        return None
    read = number(value)
    if abs(read) >= MAX_NUMBER:
        raise ValueError("should be a number of at most 18 digits")
    return int(read)


def percent(value: Any) -> int | None:
    """Return a whole number from 0 to 100, cut off and clamped."""
    return None if value is None or value == "" else int(max(min(number(value), 100), 0))


def flag(value: Any) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    name = str(value).strip().lower()
    if name not in _FLAGS:
        raise ValueError("should be true or false")
    return _FLAGS[name]


_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False, "": False}


def details(value: Any) -> dict[str, Any] | None:
    """Return an object; any other value as the one in it. Raises ValueError if it is too large."""
    found = value if value is None or isinstance(value, dict) else {"details": value}
    if found is not None and len(json.dumps(found)) > _MAX_DETAILS:
        raise ValueError("should have at most 100,000 characters")
    return found


def moment(value: Any) -> datetime | None:
    """Return a moment in UTC. None for an empty one, for the number 0, and for one that not every
    time zone has, as 9999-12-31, which means never.

    Texts: ISO 8601 with `T` or a space, any number of decimals, any offset, a day's end as 24:00;
    also with slashes or full stops in its date; a zone's name in brackets behind it; the format of
    HTTP. Without a zone it is UTC. Numbers, also as text: 14 digits from the year to the second, or
    seconds, milli-, micro- or nanoseconds since 1970, by their size. Lists: year, month, day, hour,
    minute, second, nanosecond.
    """
    if value is None or value in ("", 0):
        return None
    at = _moment(value)
    if at.tzinfo is UTC and 1 < at.year < 9999:
        return at
    return within_calendar(at)


def within_calendar(value: datetime) -> datetime | None:
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    if aware - _FIRST < _ZONES or _LAST - aware < _ZONES:
        return None
    return aware.astimezone(UTC)


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)  # as nearly all are
        except ValueError:
            return _moment_of_text(value.strip())
    if isinstance(value, list):
        return _moment_of_parts(value)
    if isinstance(value, int) and _COMPACT.fullmatch(str(value)):
        return _compact(str(value))
    return _moment_of_number(number(value))


def _moment_of_text(value: str) -> datetime:
    for read in (datetime.fromisoformat, _compact, _decorated, _epoch, parsedate_to_datetime):
        try:
            return read(value)
        except (ValueError, OverflowError):
            continue
    raise ValueError("should be a time")


def _compact(value: str) -> datetime:
    if not _COMPACT.fullmatch(value):
        raise ValueError("should be 14 digits")
    return datetime.fromisoformat(f"{value[:8]}T{value[8:]}")


def _epoch(value: str) -> datetime:
    return _moment_of_number(float(value))


def _decorated(value: str) -> datetime:
    """Read an ISO time with the name of a zone behind it, a space before its offset, slashes in its
    date, or the end of a day as 24:00."""
    value, ends_day = _END_OF_DAY.subn(r"\g<1>00", _SLASHES.sub(r"\1-\3-\4", value))
    named = _JAVA_ZONE.search(value)
    value = _JAVA_ZONE.sub("", value)
    value = _ZONE_NAME.sub("+00:00", _TIME_ZONE_OFFSET.sub(r"\1", value))
    at = datetime.fromisoformat(value) + timedelta(days=ends_day)
    return at.replace(tzinfo=_zone(named[1])) if named and at.tzinfo is None else at


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("should be the name of a time zone") from error


def _moment_of_number(value: float) -> datetime:
    if not math.isfinite(value):
        raise ValueError("should be a finite number")
    while abs(value) >= _MILLISECONDS:
        value /= 1000
    return datetime.fromtimestamp(value, UTC)


def _moment_of_parts(parts: list[Any]) -> datetime:
    """Read a time as Jackson writes it without further settings."""
    if not 3 <= len(parts) <= 7 or not all(isinstance(part, int) for part in parts):
        raise ValueError("should be the parts of a time")
    year, month, day, *time = parts
    hour, minute, second, nanosecond = [*time, 0, 0, 0, 0][:4]
    return datetime(year, month, day, hour, minute, second, nanosecond // 1000, tzinfo=UTC)
