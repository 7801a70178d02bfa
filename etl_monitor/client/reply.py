"""What a reply says: its data as records, or the error that it stands for."""

import logging
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from pydantic import TypeAdapter, ValidationError

from etl_monitor.client import what_answered
from etl_monitor.client.paths import call_name
from etl_monitor.client.transport import FAULTS, display_url
from etl_monitor.errors import ApiError, BadRequest, ServiceUnavailable
from etl_monitor.wire import values
from etl_monitor.wire.replies import ErrorBody, ErrorReply

_log = logging.getLogger(__name__)

T = TypeVar("T")

_NAMES_OF_STATUSES = frozenset(status.phrase.lower() for status in HTTPStatus)
_TRY_AGAIN_LATER = (408, 425, 429)  # request timeout, too early, too many requests
_SIGN_IN_STATUSES = (401, 403, 407, 511)
_MAX_VALUES = 4_000_000  # in one reply, counted by its commas; bounds the memory that it takes


def reply_data(response: requests.Response) -> Any:
    """Return the decoded `data` of a reply. Raises ServiceUnavailable with a code that says what
    answered, if it was not an ETL service."""
    _check_size(response)
    try:
        reply = values.decode(response.content)
    except ValueError as error:
        raise what_answered.not_understood(response, str(error)) from None
    if _is_rejection(reply):  # with a status of success
        raise error_of_response(response)
    if not isinstance(reply, dict) or reply.get("success") is not True:
        raise what_answered.not_understood(response, "success: should be true")
    if "data" not in reply:
        raise what_answered.not_understood(response, "data: missing")
    return reply["data"]


def parse_reply(kind: type[T], response: requests.Response) -> T:
    """Return the reply's data as `kind`. Raises ServiceUnavailable as `reply_data`."""
    data = reply_data(response)
    try:
        parsed: T = _validator(kind).validate_python(data)  # type: ignore[arg-type]  # is hashable
    except ValidationError as error:
        raise _other_version(response, error) from None
    return parsed


def parse_list(kind: type[T], response: requests.Response) -> tuple[T, ...]:
    """Return the records of a list that can be read; none for `null`. Raises ServiceUnavailable as
    `reply_data`."""
    records = []
    for item in list_items(response)[1]:
        try:
            records.append(_validator(kind).validate_python(item))  # type: ignore[arg-type]
        except ValidationError as error:
            _log_unreadable(response, _first_problem(error))
    return tuple(records)


def _log_unreadable(response: requests.Response, problem: str) -> None:
    call = call_name(urlsplit(response.url).path)
    _log.warning("record_unreadable", extra={"call": call, "problem": problem})


def list_items(response: requests.Response) -> tuple[int, Iterator[Any]]:
    """Return the number of a list's records, and the records: each is decoded when it is taken, so
    that a long list takes little memory. `null` is an empty list."""
    _check_size(response)
    try:
        data = _decode_framed(response.content).data
    except (msgspec.MsgspecError, RecursionError):  # odd JSON, or none
        return _items_of(reply_data(response), response)
    return len(data), _decoded(data, response)


def _decoded(data: Iterable[msgspec.Raw], response: requests.Response) -> Iterator[Any]:
    for raw in data:
        try:
            yield values.decode(bytes(raw))
        except ValueError as error:  # such as a number of 5,000 digits
            _log_unreadable(response, str(error))


def _items_of(data: Any, response: requests.Response) -> tuple[int, Iterator[Any]]:
    if data is not None and not isinstance(data, list):
        problem = "data: should be a list"
        raise what_answered.not_understood(response, problem, framed=True)
    return len(data or ()), iter(data or ())


class _FramedList(msgspec.Struct):
    success: Literal[True]
    data: list[msgspec.Raw]


_decode_framed = msgspec.json.Decoder(_FramedList).decode


def _check_size(response: requests.Response) -> None:
    if response.content.count(b",") > _MAX_VALUES:
        raise what_answered.answered("too_many_records", response.url, f"{_MAX_VALUES:,}")


def _is_rejection(reply: Any) -> bool:
    return isinstance(reply, dict) and reply.get("success") is False and "error" in reply


def error_of_response(response: requests.Response) -> ApiError | ServiceUnavailable:
    """Return the error that a reply of 300 or more stands for."""
    try:
        body = ErrorReply.model_validate_json(response.content).error
    except (ValidationError, *FAULTS):
        return _foreign_error(response)
    return _error_of_body(body, response)


def _error_of_body(body: ErrorBody, response: requests.Response) -> ApiError | ServiceUnavailable:
    status = max(response.status_code, BadRequest.status)
    if status < 500 and status not in _TRY_AGAIN_LATER:
        return body.api_error(status)
    return ServiceUnavailable(body.code, body.message, body.details | _response_details(response))


def _foreign_error(response: requests.Response) -> ApiError | ServiceUnavailable:
    """Return the error for a reply without our frame: of an older back end, or of a proxy."""
    status = response.status_code
    if status in _SIGN_IN_STATUSES and what_answered.code_of(response) == "sign_in_page":
        return what_answered.answered("sign_in_page", response.url)
    message = f"{display_url(response.url)} answered {status} {response.reason or ''}".rstrip()
    body = ErrorBody(code=f"http_{status}", message=message + ".")
    if 400 <= status < 500:
        said = None if status in _TRY_AGAIN_LATER else _message_in(response)
        if said:
            body = ErrorBody(code="rejected", message=said)
        return _error_of_body(body, response)
    return ServiceUnavailable(body.code, body.message, _response_details(response))


def _message_in(response: requests.Response) -> str | None:
    """Return why a request was rejected, as the errors of web frameworks say it (FastAPI, Spring,
    ASP.NET). The name of the HTTP status is no reason."""
    try:
        reply = values.decode(response.content)
    except FAULTS:
        return None
    body = reply.get("error") if isinstance(reply, dict) else None
    body = body if isinstance(body, dict) else reply
    if not isinstance(body, dict):
        return None
    found = (body.get(name) for name in ("message", "detail", "title", "error"))
    return next((text for text in found if isinstance(text, str) and _is_reason(text)), None)


def _is_reason(text: str) -> bool:
    return bool(text) and text.lower() not in _NAMES_OF_STATUSES


def _response_details(response: requests.Response) -> dict[str, Any]:
    return {
        "address": display_url(response.url),
        "status": response.status_code,
        "retry_after": response.headers.get("Retry-After"),
    }


def _other_version(response: requests.Response, error: ValidationError) -> ServiceUnavailable:
    return what_answered.not_understood(response, _first_problem(error), framed=True)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}".lstrip(": ")


@cache
def _validator(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
