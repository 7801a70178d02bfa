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

from etl_monitor.errors import ApiError, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.logs import REQUEST_ID_HEADER
from etl_monitor.wire.base import Record
from etl_monitor.wire.replies import ErrorBody, ErrorReply

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
_LISTED_PROBLEMS = 20  # in one reply
_LONGEST_FIELD = 200  # characters; a field's name may be anything, too
_LONGEST_KIND = 100  # characters of a content type that are repeated
_log = logging.getLogger(__name__)


class Success(BaseModel, Generic[Data]):
    success: Literal[True] = True
    data: Data


class Message(Record):
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
    return {one: {"model": ErrorReply, "description": _REFUSED[one]} for one in statuses}


def error_response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    body = ErrorBody(code=error.code, message=error.message, details=error.details)
    return JSONResponse(
        ErrorReply(success=False, error=body).model_dump(mode="json"),
        status_code=error.status,
        headers=headers or _HEADERS.get(error.status),
    )


def api_error(request: Request, error: RequestValidationError | HTTPException) -> ApiError:
    """Return the API error for an exception of the framework."""
    if isinstance(error, RequestValidationError):
        sent_as = request.headers.get("content-type", "")
        problems = error.errors()[:_LISTED_PROBLEMS]
        return errors.InvalidRequest(problems=[_problem(problem, sent_as) for problem in problems])
    path = request.url.path
    if error.status_code == HTTPStatus.NOT_FOUND:
        return errors.UnknownPath(path=path)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return errors.MethodNotAllowed(method=request.method, path=path)
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return errors.BodyTooLarge(limit_bytes=BODY_LIMIT)
    malformed = errors.MalformedRequest(reason=str(error.detail))
    malformed.status = error.status_code
    return malformed


def _rejected(request: Request, error: ApiError) -> JSONResponse:
    return error_response(error)


def _pipeline_error(request: Request, error: PipelineError) -> JSONResponse:
    """A test kind's definition was broken after the start."""
    failed = ApiError(error.code, error.message, error.details)
    failed.status = HTTPStatus.INTERNAL_SERVER_ERROR
    return error_response(failed)


def _framework_error(
    request: Request, error: RequestValidationError | HTTPException
) -> JSONResponse:
    return error_response(api_error(request, error), getattr(error, "headers", None))


def _database_error(request: Request, error: OperationalError) -> JSONResponse:
    reason = str(error.orig)
    _log.error("database_unavailable", extra={"reason": reason})
    return error_response(errors.database_error(reason))


def _client_gone(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=_CLIENT_GONE)


def _internal_error(request: Request, error: Exception) -> JSONResponse:
    request_id = request.state.request_id
    _log.error("request_broke", extra={"request_id": request_id}, exc_info=error)
    headers = {REQUEST_ID_HEADER: request_id}
    return error_response(errors.InternalError(request_id=request_id), headers)


# Every response of the application has the frame.
HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Any]] = {
    ApiError: _rejected,
    PipelineError: _pipeline_error,
    RequestValidationError: _framework_error,
    HTTPException: _framework_error,
    OperationalError: _database_error,
    ClientDisconnect: _client_gone,
    Exception: _internal_error,
}


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
