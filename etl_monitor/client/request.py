"""One HTTP request to the service: a parsed reply, or an error of `etl_monitor.errors`."""

import io
import time
from typing import Any

import requests
from prometheus_client import Counter

from etl_monitor import tracing
from etl_monitor.client import what_answered
from etl_monitor.client.paths import call_name
from etl_monitor.client.reply import error_of_response
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
from etl_monitor.errors import ApiError, ServiceUnavailable

_METHOD_PRESERVING = (307, 308)
_MAX_REPLY = 64_000_000  # bytes; a thousand jobs are two million
_SEND_TIMEOUT = 60.0  # seconds for one piece of the request's body
_REPLY_TIMEOUT = 300.0  # seconds for a whole reply
_PIECE = 65_536  # bytes


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
            response = self._traced(method, path, options)
            outcome = "ok"
        except ApiError:
            outcome = "refused"
            raise
        finally:
            self.calls.labels(method, call_name(path), outcome).inc()
        return response

    def _traced(self, method: str, path: str, options: dict[str, Any]) -> requests.Response:
        """Make a command a span, whose trace goes on in the service and in the job's worker."""
        if method == "GET" or not tracing.is_on():
            return self._granted(method, path, options)
        with tracing.span(f"{method} {call_name(path)}"):
            parent = tracing.traceparent()
            added = {} if parent is None else {tracing.HEADER: parent}
            headers = {**(options.get("headers") or {}), **added}
            return self._granted(method, path, options | {"headers": headers})

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
