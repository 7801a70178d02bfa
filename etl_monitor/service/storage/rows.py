"""Read a stored row as a record of the wire, even if parts of it cannot be read.

An older version, a foreign program or a damaged disk may have left anything in a row. It must not
decide over the list in which it stands.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from prometheus_client import Counter
from pydantic import ValidationError

from etl_monitor.plain_text import readable
from etl_monitor.wire.base import Record

RecordT = TypeVar("RecordT", bound=Record)

NO_TIME = datetime.fromtimestamp(0, UTC)
"""Stands for a required time that cannot be read."""

UNREADABLE = Counter(
    "etl_monitor_unreadable_records",
    "Reads of stored records of which a part cannot be read, by table.",
    ["table"],
    registry=None,
)
_LONGEST_PROBLEM = 200  # characters

_log = logging.getLogger(__name__)


def read_row(
    kind: type[RecordT], row: Mapping[Any, Any], table: str, **substitutes: Any
) -> RecordT:
    """Return the record. What cannot be read of it is left out, or is its substitute: required
    fields need one. If the record has a field `unreadable`, it says what and why."""
    values = dict(row)
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        problem = _problem(error)
        bad = {_field(kind, item["loc"][0]) for item in error.errors()}
    UNREADABLE.labels(table).inc()
    _log.warning("record_unreadable", extra={"table": table, "problem": problem})
    rest = {name: value for name, value in values.items() if name not in bad}
    rest |= {name: value for name, value in substitutes.items() if name in bad}
    return kind.model_validate(rest | {"unreadable": problem})


def _problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return readable(f"{where}: {first['msg']} ({str(first['input'])[:50]!r})")[:_LONGEST_PROBLEM]


def _field(kind: type[Record], alias: str | int) -> str:
    names = (name for name, field in kind.model_fields.items() if field.alias == alias)
    return next(names, str(alias))
