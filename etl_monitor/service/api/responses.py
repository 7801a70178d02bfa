"""The frame of every reply, `{success, data}` or `{success, error}`, and the handlers of errors."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from etl_monitor.errors import ApiError, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.logs import REQUEST_ID_HEADER
from etl_monitor.wire.replies import ErrorBody, ErrorReply, Reply

Data = TypeVar("Data")
Responses = dict[int | str, dict[str, Any]]
"""What OpenAPI says of the replies of a call, by status."""

# By status. `Retry-After` in seconds.
_HEADERS = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "10"},
    503: {"Retry-After": "5"},
    507: {"Retry-After": "60"},
}
_CLIENT_CLOSED_REQUEST = 499  # nginx's status, for the log only: the client has disconnected
BODY_LIMIT = 1_000_000  # bytes; for everything but uploads
_LISTED_PROBLEMS = 20  # in one reply
_MAX_FIELD_LENGTH = 200  # characters of a field's name, which may be anything
_MAX_TYPE_LENGTH = 100  # characters of a content type that are repeated
_log = logging.getLogger(__name__)

_DESCRIPTIONS = {
    400: "The request cannot be used.",
    401: "The token is missing or not valid.",
    403: "The role does not allow this, or the named person is not accepted.",
    404: "It does not exist.",
    409: "Its state does not allow this.",
    413: "The body is too large.",
    422: "A field or a parameter is not valid, or not known.",
    429: "This token has as many feeds as it may have.",
    500: "A test kind's definition was broken after the start.",
    503: "Not now; try again later.",
    507: "The disk is full.",
}
ALWAYS = (401, 403, 422, 503)  # statuses of every call that needs a token
WITH_BODY = (400, 413, 507)  # statuses of calls that take a body


def failures(*statuses: int) -> Responses:
    return {
        status: {"model": ErrorReply, "description": _DESCRIPTIONS[status]} for status in statuses
    }


def total_count_header(records: str) -> Responses:
    return {200: {"headers": {"X-Total-Count": header(f"{records} that match, on all pages.")}}}


def header(description: str, kind: str = "integer") -> dict[str, Any]:
    """Return OpenAPI's description of a header."""
    return {"description": description, "schema": {"type": kind}}


def success(data: Data) -> Reply[Data]:
    return Reply(success=True, data=data)


def error_response(error: ApiError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    reply = ErrorReply(success=False, error=ErrorBody.of(error))
    return JSONResponse(
        reply.model_dump(mode="json"),
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
    _log.error("database_unavailable", extra={"reason": str(error.orig)})
    return error_response(errors.database_error(error.orig))


def _disconnected(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)


def _internal_error(request: Request, error: Exception) -> JSONResponse:
    request_id = request.state.request_id
    _log.error("request_failed", extra={"request_id": request_id}, exc_info=error)
    headers = {REQUEST_ID_HEADER: request_id}
    return error_response(errors.InternalError(request_id=request_id), headers)


# Every response of the application has the frame.
HANDLERS: dict[int | type[Exception], Callable[[Request, Any], Any]] = {
    ApiError: _rejected,
    PipelineError: _pipeline_error,
    RequestValidationError: _framework_error,
    HTTPException: _framework_error,
    OperationalError: _database_error,
    ClientDisconnect: _disconnected,
    Exception: _internal_error,
}


def _problem(error: Mapping[str, Any], sent_as: str) -> dict[str, str]:
    """Return a field and its problem, without the value, which may be a secret."""
    location: Sequence[str | int] = error["loc"]
    if error["type"] == "json_invalid":
        problem = f"not JSON ({error['ctx']['error']}, at character {int(location[-1]) + 1})"
        return {"field": "body", "problem": problem}
    if tuple(location) == ("body",):
        return {"field": "body", "problem": _body_problem(error, sent_as)}
    names = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    field = (".".join(names) or str(location[0]))[:_MAX_FIELD_LENGTH]
    return {"field": field, "problem": str(error["msg"])}


def _body_problem(error: Mapping[str, Any], sent_as: str) -> str:
    """Return the problem of a whole body. Many clients send JSON with the type of a form."""
    if error["type"] == "missing":
        return "missing; send a JSON object"
    if "json" in sent_as:
        return "not a JSON object"
    kind = f"as {sent_as[:_MAX_TYPE_LENGTH]}" if sent_as else "without a content type"
    return f"sent {kind}; send JSON, with the header Content-Type: application/json"
