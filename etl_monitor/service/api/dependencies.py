"""What every route is asked with: the service, in which language, within which bounds."""

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

from etl_monitor.service.service import Service

# Without NUL characters, which no database likes, and without blanks around.
NO_NUL = r"^[^\x00]*$"
Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=NO_NUL)]
Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=NO_NUL),
]
Search = Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]
Reason = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
LargeNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
PageSize = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]


def _written_out(value: Any) -> Any:
    """A bare number would be taken as seconds since 1970."""
    if isinstance(value, str) and not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("should be a time such as 2026-03-01T09:30:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    """At both ends of the calendar there are times that UTC does not have."""
    if not 1970 <= value.year < 9999:
        raise ValueError("should be in 1970 or later")
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
TestKindName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]

LANGUAGES = ("en", "ko")


class Body(BaseModel):
    """A request's body: camelCase, and nothing that is not known."""

    model_config = ConfigDict(  # type: ignore[pydantic-alias]  # only the wire's names are taken
        frozen=True, alias_generator=to_camel, populate_by_name=False, extra="forbid"
    )


class Nothing(Body):
    """The body of a call that takes none: a field in it is a mistake, `{}` is not."""


def the_service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceDep = Annotated[Service, Depends(the_service)]


def ill_fitting(parameter: str, problem: str) -> RequestValidationError:
    """A parameter of the address that does not go with the others."""
    told = {"type": "value_error", "loc": ("query", parameter), "msg": problem}
    return RequestValidationError([told])


def check_period(since: datetime | None, until: datetime | None) -> None:
    if since is not None and until is not None and since >= until:
        raise ill_fitting("until", "should be after since")


def only_known_parameters(request: Request) -> None:
    """A misspelt filter would otherwise be one that silently does nothing."""
    known = {"token", *_parameters(request.scope["route"].dependant)}
    for name in request.query_params:
        if name not in known:
            raise ill_fitting(name, "not known here")


def _parameters(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def language(request: Request) -> str:
    """Of our languages the first that the client names, by its weights."""
    asked = request.headers.get("accept-language", "")
    wanted = sorted((_weighted(part) for part in asked.split(",")), reverse=True, key=_weight)
    return next((name for name, weight in wanted if weight > 0 and name in LANGUAGES), LANGUAGES[0])


Language = Annotated[str, Depends(language)]


def _weighted(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";q=")
    try:
        return name.strip().lower()[:2], float(weight or 1)
    except ValueError:
        return "", 0.0


def _weight(asked: tuple[str, float]) -> float:
    return asked[1]
