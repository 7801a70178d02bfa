"""Records that a Python program has: mappings, rows of a frame, objects with attributes."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from etl_monitor.wire.base import Record

_MISSING = ("NAType", "NaTType")  # of pandas, which this module does without


def fields_of_object(kind: type[Record], given: Any) -> Mapping[str, Any] | None:
    """Return the fields of `given`, with the values that JSON would have; None if it is no record
    but a value. Both names of each field are known. What is missing (NaN, NA, NaT) is None."""
    names = {name: str(info.alias) for name, info in kind.model_fields.items()}
    first = next(iter(names.items()))
    if hasattr(given, "keys"):  # a pandas Series has them, as any mapping
        found = dict(given)
    elif any(hasattr(given, name) for name in first):
        every = (*names, *names.values())
        found = {name: getattr(given, name) for name in every if hasattr(given, name)}
    else:
        return None
    return {str(name): _as_json(value) for name, value in found.items()}


def _as_json(value: Any) -> Any:
    if callable(getattr(value, "item", None)) and getattr(value, "size", 1) == 1:  # of NumPy
        value = value.item()
    if type(value).__name__ in _MISSING or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
