"""One call to the service: a parsed reply, or an error of the tree in `errors.py`."""

import io
import re
import time
from functools import cache
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from prometheus_client import Counter
from pydantic import TypeAdapter, ValidationError

from etl_monitor.client.socket_adapter import WatchedAdapter
from etl_monitor.client.transport import (
    FAULTS,
    MAX_REDIRECTS,
    Access,
    access,
    new_session,
    reason_of,
    reason_text,
    redirected,
    shown,
)
from etl_monitor.errors import API_ERRORS, ApiError, BadRequest, NotFound, ServiceUnavailable
from etl_monitor.wire.replies import ErrorBody, ErrorReply, Reply

T = TypeVar("T")

_COME_BACK_LATER = (408, 425, 429)
_NO_SUCH_CALL = 405  # how some back ends answer a call that they do not have
_KEEPS_ITS_METHOD = (307, 308)
_MAX_REPLY = 64_000_000  # bytes; a thousand jobs are two million
_SENDING = 60.0  # seconds that a piece of what is sent may take
_LONGEST_REPLY = 300.0  # seconds until it is there as a whole
_PIECE = 65_536
_WORD = re.compile(  # what a path has besides ids
    "etl|tests|jobs|results|active|counts|cancel|retry|bulk|process|user|statistics|scores|documents"
    "|test-kinds|samples|activity|system|history|me"
)


class Rest:
    """Safe to use from any thread.

    Reading calls share kept-open connections, and are repeated once where the service had closed
    one meanwhile. The others must not be repeated, so each gets a connection of its own.
    """

    def __init__(
        self, where: Access, *, timeout: tuple[float, float], max_reply: int = _MAX_REPLY
    ) -> None:
        """`timeout` in seconds: to connect, and between two signs of life of the reply. A reply of
        more than `max_reply` bytes is not read."""
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
        self._session.mount("http://", _adapter())
        self._session.mount("https://", _adapter())

    def response(self, method: str, path: str, **how: Any) -> requests.Response:
        """The reply that grants what was asked. Raises Refused, ServiceUnavailable."""
        outcome = "unavailable"
        try:
            response = self._granted(method, path, how)
            outcome = "ok"
        except ApiError:
            outcome = "refused"
            raise
        finally:
            self.calls.labels(method, _call(path), outcome).inc()
        return response

    def move_to(self, base_url: str) -> None:
        """From the next request on: the same service at another address."""
        self.access = access(base_url, self.access.token)

    def close(self) -> None:
        self._session.close()

    def _granted(self, method: str, path: str, how: dict[str, Any]) -> requests.Response:
        response = self._following(method, self.access.url(path), how)
        if response.status_code >= 300:
            with response:
                raise error_of(response)
        return response

    def _following(self, method: str, url: str, how: dict[str, Any]) -> requests.Response:
        for _ in range(MAX_REDIRECTS + 1):
            response = self._once(method, url, how)
            target = redirected(response)
            if target is None or (
                method != "GET" and response.status_code not in _KEEPS_ITS_METHOD
            ):
                return response
            response.close()
            url, how = target, {name: value for name, value in how.items() if name != "params"}
        raise ServiceUnavailable("not_a_service", f"{shown(url)} redirects without end.")

    def _once(self, method: str, url: str, how: dict[str, Any]) -> requests.Response:
        try:
            if method != "GET":
                with _patient_session(url) as session:
                    return self._sent(session, method, url, how)
            try:
                return self._sent(self._session, method, url, how)
            except FAULTS as error:
                if reason_of(error) != "reset":
                    raise
                return self._sent(self._session, method, url, how)
        except FAULTS as error:
            raise unavailable(url, error) from error

    def _sent(
        self, session: requests.Session, method: str, url: str, how: dict[str, Any]
    ) -> requests.Response:
        wanted = {"timeout": self._timeout, **how, "stream": True}
        response = session.request(
            method, url, auth=self.access.auth(url), allow_redirects=False, **wanted
        )
        if not how.get("stream") or response.status_code >= 300:
            _read_whole(response, self._max_reply)
        return response


def _read_whole(response: requests.Response, most: int) -> None:
    """Take the body in, unless it is too large, or takes for ever."""
    body, deadline = io.BytesIO(), time.monotonic() + _LONGEST_REPLY
    while piece := response.raw.read1(_PIECE, decode_content=True):
        body.write(piece)
        if body.tell() > most or time.monotonic() > deadline:
            response.close()
            raise _endless(response, most)
    body.seek(0)
    response.raw = body


def _endless(response: requests.Response, most: int) -> ServiceUnavailable:
    address, megabytes = shown(response.url), most / 1_000_000
    return ServiceUnavailable(
        "reply_too_large",
        f"The reply of {address} is larger than {megabytes:g} MB, or comes too slowly; it was not "
        "read to its end.",
        {"address": address, "limit": most},
    )


def _call(path: str) -> str:
    """A path without what is somebody's: `/etl/jobs/{id}/cancel`."""
    parts = path.removeprefix("/").split("/")
    return "/" + "/".join(part if _WORD.fullmatch(part) else "{id}" for part in parts)


def parsed(kind: type[T], response: requests.Response) -> T:
    """The reply's data as `kind`. Raises ServiceUnavailable `not_a_service`."""
    try:
        data: T = _reader(kind).validate_json(response.content).data  # type: ignore[arg-type]  # is hashable
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise _not_a_service(response, f"{where}: {problem['msg']}".lstrip(": ")) from None
    return data


def error_of(response: requests.Response) -> ApiError | ServiceUnavailable:
    """What a reply that does not grant is about."""
    try:
        body = ErrorReply.model_validate_json(response.content).error
    except (ValidationError, *FAULTS):
        return _foreign_error(response)
    return _told_error(body, response)


def refused(body: ErrorBody, status: int = 400) -> ApiError:
    kind = NotFound if status == _NO_SUCH_CALL else API_ERRORS.get(status, BadRequest)
    error = kind(body.code, body.message, body.details)
    error.status = status
    return error


def unavailable(url: str, error: BaseException) -> ServiceUnavailable:
    reason = reason_of(error)
    return ServiceUnavailable(
        "timeout" if reason == "timeout" else "unreachable",
        f"The ETL service at {shown(url)} cannot be reached: {reason_text(reason)}.",
        {"address": shown(url), "reason": reason},
    )


def path(*parts: str) -> str:
    """A path whose parts may hold anything: an id of `../x` stays an id."""
    return "".join("/" + quote(part, safe="") for part in parts)


def _told_error(body: ErrorBody, response: requests.Response) -> ApiError | ServiceUnavailable:
    status = response.status_code
    if status < 500 and status not in _COME_BACK_LATER:
        return refused(body, status)
    return ServiceUnavailable(body.code, body.message, body.details | _said(response))


def _foreign_error(response: requests.Response) -> ApiError | ServiceUnavailable:
    """Not our kind of reply: an older back end's, or a proxy's in between."""
    status = response.status_code
    message = f"{shown(response.url)} answered {status} {response.reason or ''}".rstrip() + "."
    body = ErrorBody(code=f"http_{status}", message=message)
    if 400 <= status < 500:
        return _told_error(body, response)
    return ServiceUnavailable(body.code, body.message, _said(response))


def _said(response: requests.Response) -> dict[str, Any]:
    return {
        "address": shown(response.url),
        "status": response.status_code,
        "retry_after": response.headers.get("Retry-After"),
    }


def _not_a_service(response: requests.Response, problem: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        "not_a_service",
        f"What {shown(response.url)} answered is not what an ETL service answers ({problem}).",
        {"address": shown(response.url), "problem": problem},
    )


def _patient_session(url: str) -> requests.Session:
    """urllib3 lets what is sent wait no longer than it waits for a connection; a large file's line
    may stand still for longer than that. https://github.com/urllib3/urllib3/issues/857"""
    session = new_session(url)
    for scheme in ("http://", "https://"):
        session.mount(scheme, WatchedAdapter(lambda connected: connected.settimeout(_SENDING)))
    return session


def _adapter() -> requests.adapters.HTTPAdapter:
    return requests.adapters.HTTPAdapter(pool_maxsize=32)


@cache
def _reader(kind: Any) -> TypeAdapter[Reply[Any]]:
    return TypeAdapter(Reply[kind])
