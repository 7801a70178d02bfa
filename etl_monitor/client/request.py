"""One HTTP request to the service: a parsed reply, or an error of `etl_monitor.errors`."""

import io
import logging
import re
import time
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import requests
from prometheus_client import Counter
from pydantic import TypeAdapter, ValidationError

from etl_monitor.client import what_answered
from etl_monitor.client.socket_adapter import IdKeepingAdapter, WatchedAdapter
from etl_monitor.client.transport import (
    FAULTS,
    MAX_REDIRECTS,
    Access,
    access,
    display_url,
    failure_reason,
    failure_text,
    new_session,
    redirect_target,
)
from etl_monitor.errors import ApiError, BadRequest, ServiceUnavailable
from etl_monitor.wire import values
from etl_monitor.wire.replies import ErrorBody, ErrorReply

_log = logging.getLogger(__name__)

T = TypeVar("T")

_TRY_AGAIN_LATER = (408, 425, 429)  # request timeout, too early, too many requests
_METHOD_PRESERVING = (307, 308)
_SIGN_IN_STATUSES = (401, 403, 407, 511)
_MAX_VALUES = 4_000_000  # in one reply, counted by its commas; bounds the memory that it takes
_MAX_REPLY = 64_000_000  # bytes; a thousand jobs are two million
_SEND_TIMEOUT = 60.0  # seconds for one piece of the request's body
_REPLY_TIMEOUT = 300.0  # seconds for a whole reply
_PIECE = 65_536  # bytes
_PATH_WORD = re.compile(  # the parts of a path that are not ids
    "etl|tests|jobs|results|active|counts|cancel|retry|bulk|process|user|statistics|scores|documents"
    "|test-kinds|samples|activity|system|history|me"
)


class HttpClient:
    """Sends requests to one service. Safe to use from any thread.

    GET requests share connections that stay open, and are repeated once if the service had closed
    the connection meanwhile. Other methods must not be repeated, so each has a new connection.
    """

    def __init__(
        self, where: Access, *, timeout: tuple[float, float], max_reply: int = _MAX_REPLY
    ) -> None:
        """`timeout` in seconds: to connect, and between two pieces of the reply. A reply of more
        than `max_reply` bytes is not read."""
        self.access = where
        # In no registry: a process may have several clients. `call` is bounded by the paths that
        # the client knows, `outcome` is ok, refused or unavailable.
        self.calls = Counter(
            "etl_monitor_service_calls",
            "Calls to the service.",
            ["method", "call", "outcome"],
            registry=None,
        )
        self._timeout = timeout
        self._max_reply = max_reply
        self._session = new_session(where.base_url)
        self._session.mount("http://", _pooling_adapter())
        self._session.mount("https://", _pooling_adapter())

    def response(self, method: str, path: str, **options: Any) -> requests.Response:
        """Return the reply that grants the request. Raises ApiError, ServiceUnavailable."""
        outcome = "unavailable"
        try:
            response = self._granted(method, path, options)
            outcome = "ok"
        except ApiError:
            outcome = "refused"
            raise
        finally:
            self.calls.labels(method, _call(path), outcome).inc()
        return response

    def move_to(self, base_url: str) -> None:
        """Use another address of the same service from the next request on."""
        self.access = access(base_url, self.access.token)

    def close(self) -> None:
        self._session.close()

    def _granted(self, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        response = self._follow_redirects(method, self.access.url(path), options)
        if response.status_code >= 300:
            with response:
                raise error_of_response(response)
        return response

    def _follow_redirects(
        self, method: str, url: str, options: dict[str, Any]
    ) -> requests.Response:
        for _ in range(MAX_REDIRECTS + 1):
            response = self._send(method, url, options)
            target = redirect_target(response)
            keeps_method = response.status_code in _METHOD_PRESERVING
            if target is None or not (method == "GET" or keeps_method):
                return response
            response.close()
            is_repeatable = "data" not in options and self.access.is_same_origin(target)
            if method != "GET" and not is_repeatable:
                raise _redirect_refused(url, target)
            url = target  # which has the parameters already
            options = {name: value for name, value in options.items() if name != "params"}
        raise what_answered.answered("not_a_service", url, "it redirects without end")

    def _send(self, method: str, url: str, options: dict[str, Any]) -> requests.Response:
        try:
            if method != "GET":
                with _upload_session(url) as session:
                    return self._send_once(session, method, url, options)
            try:
                return self._send_once(self._session, method, url, options)
            except FAULTS as error:
                if failure_reason(error) != "reset":
                    raise
                return self._send_once(self._session, method, url, options)
        except FAULTS as error:
            raise unreachable_error(url, error) from error

    def _send_once(
        self, session: requests.Session, method: str, url: str, options: dict[str, Any]
    ) -> requests.Response:
        options = {"timeout": self._timeout, **options}
        is_streamed = options.pop("stream", False)
        response = session.request(
            method, url, auth=self.access.auth(url), allow_redirects=False, stream=True, **options
        )
        if not is_streamed or response.status_code >= 300:
            _read_body(response, self._max_reply)
        return response


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
            fields = {"call": _call(urlsplit(response.url).path), "problem": _first_problem(error)}
            _log.warning("record_unreadable", extra=fields)
    return tuple(records)


def list_items(response: requests.Response) -> tuple[int, Iterator[Any]]:
    """Return the number of a list's records, and the records: each is decoded when it is taken, so
    that a long list takes little memory. `null` is an empty list."""
    _check_size(response)
    try:
        data = _decode_framed(response.content).data
    except msgspec.MsgspecError:  # odd JSON, or none
        return _items_of(reply_data(response), response)
    return len(data), (values.decode(bytes(raw)) for raw in data)


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


def unreachable_error(url: str, error: BaseException) -> ServiceUnavailable:
    reason = failure_reason(error)
    return ServiceUnavailable(
        "timeout" if reason == "timeout" else "unreachable",
        f"The ETL service at {display_url(url)} cannot be reached: {failure_text(reason)}.",
        {"address": display_url(url), "reason": reason},
    )


def _redirect_refused(url: str, target: str) -> ServiceUnavailable:
    """What a command or an upload carries is for the configured service only."""
    address, target = display_url(url), display_url(target)
    return ServiceUnavailable(
        "redirect_refused",
        f"{address} redirects to {target}; the request was not sent there. If the service has "
        "moved, set ETL_MONITOR_API_URL to its new address.",
        {"address": address, "target": target},
    )


def url_path(*parts: str) -> str:
    """Return a path. Its parts are quoted, so that the ids `../x` and `..` stay ids."""
    return "".join("/" + _quoted(part) for part in parts)


def _quoted(part: str) -> str:
    quoted = quote(part, safe="")
    return quoted.replace(".", "%2E") if part in (".", "..") else quoted


def _call(path: str) -> str:
    """Return a path without ids, for example `/etl/jobs/{id}/cancel`."""
    parts = path.removeprefix("/").split("/")
    return "/" + "/".join(part if _PATH_WORD.fullmatch(part) else "{id}" for part in parts)


def _read_body(response: requests.Response, max_bytes: int) -> None:
    """Read the body. Raises ServiceUnavailable if it is too large or takes too long."""
    body, deadline = io.BytesIO(), time.monotonic() + _REPLY_TIMEOUT
    size = 0
    while piece := response.raw.read1(_PIECE, decode_content=True):
        size += body.write(piece)
        if size > max_bytes or time.monotonic() > deadline:
            response.close()
            raise _reply_too_large(response, max_bytes)
    body.seek(0)
    response.raw = body


def _reply_too_large(response: requests.Response, max_bytes: int) -> ServiceUnavailable:
    address, megabytes = display_url(response.url), max_bytes / 1_000_000
    return ServiceUnavailable(
        "reply_too_large",
        f"The reply of {address} is larger than {megabytes:g} MB, or comes too slowly; it was not "
        "read to its end.",
        {"address": address, "limit": max_bytes},
    )


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
        return _error_of_body(body, response)
    return ServiceUnavailable(body.code, body.message, _response_details(response))


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


def _upload_session(url: str) -> requests.Session:
    """Return a session with a longer timeout for sending.

    urllib3 limits each send by the timeout for connecting; a large file's line may stand still for
    longer than that. https://github.com/urllib3/urllib3/issues/857
    """
    session = new_session(url)
    for scheme in ("http://", "https://"):
        session.mount(scheme, WatchedAdapter(lambda socket: socket.settimeout(_SEND_TIMEOUT)))
    return session


def _pooling_adapter() -> IdKeepingAdapter:
    return IdKeepingAdapter(pool_maxsize=32)


@cache
def _validator(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
