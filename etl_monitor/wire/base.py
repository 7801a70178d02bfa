"""What all records on the wire share: they are frozen, camelCase and have times in UTC."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

from etl_monitor.plain_text import visible

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_ZONES = timedelta(days=1)  # from the calendar's ends, so that each reader's time zone has the time


class Record(BaseModel):
    """A frozen record: camelCase on the wire, snake_case here. Unknown fields are ignored."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )

    @classmethod
    def of_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Return the record of fields that were read already. Like `model_construct`, in a tenth of
        the time and half of the memory: all records with the same fields share their set."""
        return cls._made_of({**_defaults(cls), **fields}, _field_set(tuple(fields)))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return this record with other values of some fields, which are not checked."""
        return self._made_of({**self.__dict__, **changes}, self.__pydantic_fields_set__)

    @classmethod
    def _made_of(cls, values: dict[str, Any], sent: set[str]) -> Self:
        record = cls.__new__(cls)
        object.__setattr__(record, "__dict__", values)
        object.__setattr__(record, "__pydantic_fields_set__", sent)
        object.__setattr__(record, "__pydantic_extra__", None)
        object.__setattr__(record, "__pydantic_private__", None)
        return record


@cache
def _defaults(kind: type[Record]) -> Mapping[str, Any]:
    """Return the defaults in the order of the fields; None of them can be changed."""
    return {name: info.default for name, info in kind.model_fields.items()}


@lru_cache(maxsize=4096)
def _field_set(names: tuple[str, ...]) -> set[str]:
    return set(names)


def iso(value: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _as_utc(value: datetime) -> datetime:
    """Return the time in UTC; without a zone it is taken as UTC: older back ends omit the `Z`.

    Raises ValueError for a time that not every time zone has.
    """
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    if aware - _FIRST < _ZONES or _LAST - aware < _ZONES:
        raise ValueError("should be a moment that is in the calendar of every time zone")
    return aware.astimezone(UTC)


def _as_utc_or_none(value: datetime | None) -> datetime | None:
    """A back end that writes 9999-12-31 for "never" must not make a whole list unreadable."""
    try:
        return None if value is None else _as_utc(value)
    except ValueError:
        return None


def _empty_as_none(value: Any) -> Any:
    return None if value == "" else value


def _as_percent(value: Any) -> Any:
    """Older back ends send fractions of a percent; values outside of 0–100 are clamped."""
    return int(max(min(value, 100), 0)) if isinstance(value, int | float) else value


def _iso_or_empty(value: datetime | None) -> str:
    return "" if value is None else iso(value)


_IsoTime = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]

Time = Annotated[_IsoTime, AfterValidator(_as_utc)]
MaybeTime = Annotated[
    _IsoTime | None, BeforeValidator(_empty_as_none), AfterValidator(_as_utc_or_none)
]
# The original's front end reads "" if there is no estimate.
TimeOrEmpty = Annotated[
    MaybeTime, PlainSerializer(_iso_or_empty, return_type=str, when_used="json")
]
# A title or a name that is only shown; an id that goes back to the service stays as it is.
VisibleText = Annotated[str, AfterValidator(visible)]
Percent = Annotated[int, BeforeValidator(_as_percent)]
