"""The frame of every reply: `{success, data}` or `{success, error}`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Generic, Literal, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from etl_monitor.errors import ApiError, BadRequest, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.logs import REQUEST_ID_HEADER
from etl_monitor.wire.base import Wire

Data = TypeVar("Data")

# By status. Seconds after which another try may well have success.
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "10"},
    503: {"Retry-After": "5"},
    507: {"Retry-After": "60"},
}
_CLIENT_GONE = 499  # as web servers call it, in their logs only: nobody is there to be told
BODY_LIMIT = 1_000_000  # bytes; for everything but uploads
_PROBLEMS_TOLD = 20
_LONGEST_FIELD = 200  # characters; a field's name may be anything, too
_LONGEST_KIND = 100  # characters of a content type that are repeated
_log = logging.getLogger(__name__)


class Success(BaseModel, Generic[Data]):
    success: Literal[True] = True
    data: Data


class Problem(Wire):
    code: str
    message: str
    details: dict[str, Any]


class Failure(BaseModel):
    success: Literal[False] = False
    error: Problem


class Message(Wire):
    message: str


_REFUSED = {
    400: "What was sent cannot be used.",
    401: "No token, or none of this service's.",
    403: "Whoever asks may not do this, or names a person that is not accepted.",
    404: "There is no such thing.",
    409: "Its state does not allow this.",
    413: "More was sent than is read.",
    422: "A field or a parameter does not fit, or is not known.",
    429: "This token has as many feeds as it may have.",
    500: "A test kind's definition was broken after the start.",
    503: "Not now; try again later.",
    507: "The disk is full.",
}
ALWAYS = (401, 403, 422, 503)  # of every call that wants a token
SENT = (400, 413, 507)  # where something is sent


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: how else a call may end; `error.code` says more."""
    return {one: {"model": Failure, "description": _REFUSED[one]} for one in statuses}


def failure(
    status: int, code: str, message: str, details: Mapping[str, Any], headers: Any = None
) -> JSONResponse:
    told = Failure(error=Problem(code=code, message=message, details=dict(details)))
    return JSONResponse(told.model_dump(mode="json"), status_code=status, headers=headers)


def refusal(error: ApiError) -> JSONResponse:
    headers = _HEADERS.get(error.status)
    return failure(error.status, error.code, error.message, error.details, headers)


def unusable(request: Request, error: RequestValidationError | HTTPException) -> ApiError:
    """What the reply says of a request that could not be read, without the list of problems."""
    if isinstance(error, RequestValidationError):
        told = _of_validation(request, error)
        return BadRequest(told.code, told.message, {"field": told.details["field"]})
    code, message, details = _of_framework(request, error)
    return BadRequest(code, message, details)


def _refused(request: Request, error: ApiError) -> JSONResponse:
    return refusal(error)


def _pipeline(request: Request, error: PipelineError) -> JSONResponse:
    """A test kind's definition was broken after the start."""
    return failure(500, error.code, error.message, error.details)


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    told = _of_validation(request, error)
    return failure(HTTPStatus.UNPROCESSABLE_ENTITY, told.code, told.message, told.details)


def _framework(request: Request, error: HTTPException) -> JSONResponse:
    code, message, details = _of_framework(request, error)
    return failure(error.status_code, code, message, details, error.headers)


def _no_database(request: Request, error: OperationalError) -> JSONResponse:
    reason = str(error.orig)
    _log.error("database_unavailable", extra={"reason": reason})
    return refusal(errors.without_database(reason))


def _gone(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=_CLIENT_GONE)


def _broken(request: Request, error: Exception) -> JSONResponse:
    request_id = request.state.request_id
    _log.error("request_broke", extra={"request_id": request_id}, exc_info=error)
    message = f"The service made a mistake. Its log tells more under {request_id}."
    headers = {REQUEST_ID_HEADER: request_id}
    return failure(500, "internal_error", message, {"requestId": request_id}, headers)


# Every way out of the application is in the frame.
HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Any]] = {
    ApiError: _refused,
    PipelineError: _pipeline,
    RequestValidationError: _invalid,
    HTTPException: _framework,
    OperationalError: _no_database,
    ClientDisconnect: _gone,
    Exception: _broken,
}


def _of_validation(request: Request, error: RequestValidationError) -> ApiError:
    sent_as = request.headers.get("content-type", "")
    found = error.errors()[:_PROBLEMS_TOLD]
    return errors.invalid_request([_problem(one, sent_as) for one in found])


def _of_framework(request: Request, error: HTTPException) -> tuple[str, str, dict[str, Any]]:
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "not_found", f"There is nothing at {path}.", {"path": path}
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        details = {"method": request.method, "path": path}
        return "method_not_allowed", f"{request.method} cannot be used on {path}.", details
    too_large = error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    reason = str(error.detail)
    told = errors.body_too_large(BODY_LIMIT) if too_large else errors.malformed_request(reason)
    return told.code, told.message, told.details


def _problem(error: Mapping[str, Any], sent_as: str) -> dict[str, str]:
    """What was sent is left out: it may be anything, also a secret."""
    where: Sequence[str | int] = error["loc"]
    if error["type"] == "json_invalid":
        why = f"not JSON ({error['ctx']['error']}, at character {int(where[-1]) + 1})"
        return {"field": "body", "problem": why}
    if tuple(where) == ("body",):
        return {"field": "body", "problem": _body_problem(error, sent_as)}
    named = [str(part) for part in where if part not in ("body", "query", "path", "header")]
    field = (".".join(named) or str(where[0]))[:_LONGEST_FIELD]
    return {"field": field, "problem": str(error["msg"])}


def _body_problem(error: Mapping[str, Any], sent_as: str) -> str:
    """Of the body as a whole. Many send JSON as the form that their client takes it for."""
    if error["type"] == "missing":
        return "missing; send a JSON object"
    if "json" in sent_as:
        return "not a JSON object"
    kind = f"as {sent_as[:_LONGEST_KIND]}" if sent_as else "without a content type"
    return f"sent {kind}; send JSON, with the header Content-Type: application/json"
