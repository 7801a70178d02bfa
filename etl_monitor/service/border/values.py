"""Any object as a value that JSON, every database and every page can hold."""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import islice
from numbers import Integral, Real
from typing import Any

from pydantic import BaseModel

from etl_monitor.plain_text import readable

LONGEST_TEXT = 20_000  # characters
DEEPEST = 8  # levels
MOST_ITEMS = 100  # in one container
MOST_VALUES = 2_000  # in all containers together
MOST_DIGITS = 300  # of a whole number

CUT = "…"


def plain_text(value: object, longest: int = LONGEST_TEXT) -> str:
    """Return any object's text, made readable and cut to `longest` characters. Never raises."""
    try:
        text = str.__str__(value) if isinstance(value, str) else str(value)
        text = readable(text[: 4 * longest])  # escape sequences may be most of it
    except Exception:  # noqa: BLE001  # `__str__` is foreign code
        return f"({type_name(value)} without a text)"
    return text if len(text) <= longest else text[: longest - 1] + CUT


def plain_value(value: object) -> Any:
    """Return any object as JSON of bounded size. What has no JSON becomes text. Never raises."""
    return _Conversion().convert(value, 0)


def plain_details(value: object) -> dict[str, Any]:
    """Return details: an object of JSON, empty for None."""
    if value is None:
        return {}
    plain = plain_value(value)
    return plain if isinstance(plain, dict) else {"value": plain}


def type_name(value: object) -> str:
    return str(type.__getattribute__(type(value), "__name__"))


class _Conversion:
    """One conversion, which ends when it has seen `MOST_VALUES` values: cycles end as well."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def convert(self, value: object, depth: int) -> Any:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            return CUT
        try:
            return self._convert(value, depth)
        except Exception:  # noqa: BLE001  # each attribute of a foreign object is foreign code
            return f"({type_name(value)} that cannot be read)"

    def _convert(self, value: object, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Enum):
            return self.convert(value.value, depth + 1)
        if isinstance(value, Integral | Real | Decimal):
            return _number(value)
        if isinstance(value, Mapping):
            return self._mapping(value.items(), depth)
        if isinstance(value, Set):
            return sorted(self._items(value, depth), key=str)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            return self._items(value, depth)
        return self._convert_object(value, depth)

    def _convert_object(self, value: object, depth: int) -> Any:
        if isinstance(value, date | time):
            return None if value != value else value.isoformat()  # NaT
        if isinstance(value, timedelta):
            return None if value != value else plain_text(value)
        if isinstance(value, bytes | bytearray):
            return plain_text(bytes(value[:LONGEST_TEXT]).decode("utf-8", "backslashreplace"))
        if isinstance(value, BaseModel):
            return self._mapping(value, depth)
        if is_dataclass(value) and not isinstance(value, type):
            named = ((field.name, getattr(value, field.name)) for field in fields(value))
            return self._mapping(named, depth)
        if (numpy := _of_numpy(value)) is not None:
            return self.convert(numpy, depth + 1)
        return plain_text(value)

    def _mapping(self, items: Iterable[tuple[object, object]], depth: int) -> dict[str, Any]:
        converted = {}
        for key, value in islice(items, MOST_ITEMS):
            converted[plain_text(key, 200)] = self.convert(value, depth + 1)
        return converted

    def _items(self, items: Iterable[object], depth: int) -> list[Any]:
        converted = [self.convert(item, depth + 1) for item in islice(items, MOST_ITEMS + 1)]
        return [*converted[:MOST_ITEMS], CUT] if len(converted) > MOST_ITEMS else converted


def _number(value: Any) -> int | float | str:
    if isinstance(value, Integral):
        whole = int(value)
        is_long = whole.bit_length() > MOST_DIGITS * math.log2(10)
        return f"(whole number of {whole.bit_length():,} bits)" if is_long else whole
    number = float(value)
    return number if math.isfinite(number) else plain_text(value, MOST_DIGITS)


def _of_numpy(value: Any) -> Any:
    """Return the Python value of a NumPy scalar or a small array; None for anything else."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if not isinstance(kind, str) or kind in "mM":  # times of NumPy are text
        return None
    return value.tolist() if 0 < value.size <= MOST_VALUES and hasattr(value, "tolist") else None
