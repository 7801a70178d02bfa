"""What routes depend on: the service, the types of parameters, the language of the reply."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.plain_text import PRINTABLE, canonical
from etl_monitor.service.results.queries import FALLBACK_LANGUAGE
from etl_monitor.service.service import Service


def _not_a_bare_number(value: Any) -> Any:
    """A bare number would be taken as seconds since 1970."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("should be a time such as 2026-03-01T09:30:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    """At both ends of the calendar there are times that UTC does not have."""
    if not 1970 <= value.year < 9999:
        raise ValueError("should be in 1970 or later")
    return value.astimezone(UTC)


def _canonical(value: Any) -> Any:
    return canonical(value) if isinstance(value, str) else value


NO_NUL = r"^[^\x00]*$"  # databases reject NUL characters
CANONICAL = BeforeValidator(_canonical)  # before its length is checked
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PRINTABLE),
    CANONICAL,
]
Search = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL), CANONICAL]
Reason = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL), CANONICAL]
TestKindName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE), CANONICAL
]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
LargeNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
PageSize = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]
UtcTime = Annotated[AwareDatetime, BeforeValidator(_not_a_bare_number), AfterValidator(_in_utc)]


class Body(BaseModel):
    """A request's body: camelCase, without unknown fields."""

    model_config = ConfigDict(  # type: ignore[pydantic-alias]  # only the wire's names are taken
        frozen=True, alias_generator=to_camel, populate_by_name=False, extra="forbid"
    )


class NoBody(Body):
    """The body of a call that takes none: `{}` is accepted, a field is not."""


def get_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def get_language(request: Request) -> str:
    """Return the language that the client prefers among ours, by its weights."""
    header = request.headers.get("accept-language", "")
    weighted = [_weighted(part) for part in header.split(",")]
    weighted.sort(key=lambda preference: preference[1], reverse=True)
    preferred = (name for name, weight in weighted if weight > 0 and name in LANGUAGES)
    return next(preferred, FALLBACK_LANGUAGE)


ServiceDep = Annotated[Service, Depends(get_service)]
LanguageDep = Annotated[str, Depends(get_language)]


def invalid_parameter(name: str, problem: str) -> RequestValidationError:
    """Return the error for a parameter that is unknown or contradicts another."""
    return RequestValidationError([{"type": "value_error", "loc": ("query", name), "msg": problem}])


def check_period(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since >= until:
        raise invalid_parameter("until", "should be after since")


def reject_unknown_parameters(request: Request) -> None:
    """A misspelt filter would otherwise silently do nothing."""
    allowed = {"token", *_parameters(request.scope["route"].dependant)}
    for name in request.query_params:
        if name not in allowed:
            raise invalid_parameter(name, "not known here")


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _weighted(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";q=")
    try:
        return name.strip().lower()[:2], float(weight or 1)
    except ValueError:
        return "", 0.0
