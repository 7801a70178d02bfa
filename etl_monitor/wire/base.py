"""What all records on the wire share: frozen, camelCase, times in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

_ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


_ZONES = timedelta(days=1)  # and what the calendar's ends need for every reader's time zone


def _as_utc(value: datetime) -> datetime:
    """Times without a zone are taken as UTC: some older back ends leave the `Z` out. Raises
    ValueError for a moment that not every time zone has."""
    aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
    first, last = _ALWAYS
    if aware - first < _ZONES or last - aware < _ZONES:
        raise ValueError("should be a moment that is in the calendar of every time zone")
    return aware.astimezone(UTC)


def _as_utc_or_unknown(value: datetime | None) -> datetime | None:
    """Whoever means "never" by 9999-12-31 must not thereby hide all jobs of a list."""
    try:
        return None if value is None else _as_utc(value)
    except ValueError:
        return None


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _as_percent(value: Any) -> Any:
    """Older back ends send fractions of a percent; anything outside 0–100 is clamped."""
    return int(max(min(value, 100), 0)) if isinstance(value, int | float) else value


def iso(value: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_Moment = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]


Time = Annotated[_Moment, AfterValidator(_as_utc)]


MaybeTime = Annotated[
    _Moment | None, BeforeValidator(_empty_is_none), AfterValidator(_as_utc_or_unknown)
]


def _iso_or_empty(value: datetime | None) -> str:
    return "" if value is None else iso(value)


# The original's front end reads "" where there is no estimate.
TimeOrEmpty = Annotated[
    MaybeTime, PlainSerializer(_iso_or_empty, return_type=str, when_used="json")
]


Percent = Annotated[int, BeforeValidator(_as_percent)]


class Wire(BaseModel):
    """A frozen record: camelCase on the wire, snake_case here; unknown fields are ignored."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, extra="ignore"
    )
