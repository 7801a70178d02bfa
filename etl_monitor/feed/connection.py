"""One connection to the feed: opened as the standard says, read as bytes arrive.

Every failure is a `FeedDisconnected` whose code is the reason.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import requests

from etl_monitor.client.socket_adapter import WatchedAdapter
from etl_monitor.client.transport import (
    FAULTS,
    MAX_REDIRECTS,
    Access,
    display_url,
    failure_reason,
    failure_text,
    new_session,
    redirect_target,
)
from etl_monitor.client.what_answered import answered, page_code
from etl_monitor.errors import FeedDisconnected
from etl_monitor.feed.reply_status import is_final_status, parse_retry_after, reason_of_status

CONNECT_TIMEOUT = 5.0  # seconds
RESPONSE_TIMEOUT = 10.0  # seconds until the status line
MAX_POSITION = 1024  # bytes of Last-Event-ID; proxies reject requests with longer headers

_CHUNK_SIZE = 65_536  # bytes
_IDLE = 0.05  # seconds without a byte after which nothing is left to be read
_MAX_COMPRESSION = 100  # times; texts are compressed 3- to 20-fold
_MAX_EXPANDED = 8 * 1_048_576  # bytes from which on it counts


class FeedConnection:
    """Open it and read `chunks` in one thread. `interrupt`, from any other, ends what that thread
    waits for within milliseconds, except for connecting, which CONNECT_TIMEOUT bounds."""

    def __init__(self, access: Access, *, silence: float) -> None:
        """`silence`: seconds without a byte after which the connection counts as broken."""
        self._access = access
        self._silence = silence
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._session: requests.Session | None = None
        self._response: requests.Response | None = None
        self._is_interrupted = False
        self._failure_when_idle: FeedDisconnected | None = None

    def open(self, position: str = "") -> None:
        """Request the events after `position`; if it is empty, those from now on."""
        url = self._access.url("/etl/jobs/stream")
        for _ in range(MAX_REDIRECTS + 1):
            response = self._request(url, position)
            target = redirect_target(response)
            if target is None:
                return self._accept(response)
            self.close()
            url = target
        raise FeedDisconnected("redirect", f"{display_url(url)} redirects without end.")

    @property
    def log_id(self) -> str:
        """The id of the event log that this feed reads; empty if the service does not send it."""
        return self._header("X-Event-Log-Id")

    @property
    def date(self) -> str:
        """When the service accepted the request, by its own clock, as HTTP writes it."""
        return self._header("Date")

    def _header(self, name: str) -> str:
        headers = self._response.headers if self._response else {}
        return str(headers.get(name, ""))

    def chunks(self) -> Iterator[bytes]:
        """Yield bytes as they arrive, until the service ends the stream."""
        received = 0
        while chunk := self._read(received=received > 0):
            received += len(chunk)
            self._check_compression(received)
            yield chunk

    def break_when_idle(self, failure: FeedDisconnected | None) -> None:
        """Raise `failure` as soon as nothing is left to be read; None takes it back."""
        self._failure_when_idle = failure
        if self._socket is not None:
            self._socket.settimeout(self._silence if failure is None else _IDLE)

    def interrupt(self) -> None:
        with self._lock:
            self._is_interrupted = True
            if self._socket is not None:
                _shut_down(self._socket)

    def _request(self, url: str, position: str) -> requests.Response:
        # A session for each request: a reused connection may be dead, which shows late.
        self._session = new_session(url)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(self._on_connected))
        try:
            self._response = self._session.get(
                url,
                headers=_headers(position),
                auth=self._access.auth(url),
                allow_redirects=False,
                stream=True,
                timeout=(CONNECT_TIMEOUT, RESPONSE_TIMEOUT),
            )
        except FAULTS as error:
            raise self._failure(url, error) from error
        return self._response

    def _accept(self, response: requests.Response) -> None:
        if response.status_code != requests.codes.ok:
            raise _error_status(response)
        content_type = response.headers.get("Content-Type", "")
        if content_type.partition(";")[0].strip().lower() != "text/event-stream":
            self._name_page(response, content_type)
            sent = content_type or "no content type"
            message = f"{display_url(response.url)} sends {sent} instead of text/event-stream."
            raise FeedDisconnected("wrong_content_type", message)
        if self._socket is not None:
            self._socket.settimeout(self._silence)

    def _name_page(self, response: requests.Response, content_type: str) -> None:
        """Raise FeedDisconnected if it is a page on which a person should sign in."""
        with suppress(*FAULTS):
            body = response.raw.read1(_CHUNK_SIZE, decode_content=True)
            if page_code(response.url, content_type, body) == "sign_in_page":
                error = answered("sign_in_page", response.url)
                raise FeedDisconnected(error.code, error.message)

    def _read(self, *, received: bool) -> bytes:
        assert self._response is not None  # noqa: S101  # open comes first
        try:
            chunk: bytes = self._response.raw.read1(_CHUNK_SIZE, decode_content=True)
        except FAULTS as error:
            if failure_reason(error) == "timeout" and not self._is_interrupted:
                if self._failure_when_idle is not None:
                    raise self._failure_when_idle from error
                raise self._silence_failure(received=received) from error
            raise self._failure(self._response.url, error) from error
        if self._is_interrupted:
            raise stopped()
        return chunk

    def _check_compression(self, received: int) -> None:
        """Raise FeedDisconnected if a few bytes were sent for what would fill the memory."""
        raw = self._response.raw if self._response else None
        sent = getattr(raw, "_fp_bytes_read", received)  # over the line, before it is unpacked
        if received > _MAX_EXPANDED and received > _MAX_COMPRESSION * sent:
            raise FeedDisconnected(
                "compressed",
                f"The feed is compressed more than {_MAX_COMPRESSION}-fold; it was not read.",
            )

    def _silence_failure(self, *, received: bool) -> FeedDisconnected:
        if received:
            return FeedDisconnected(
                "silence",
                f"Nothing was received for {self._silence:g} s, not even a heartbeat: the line is "
                "dead, or a proxy buffers the feed.",
            )
        return FeedDisconnected(
            "buffered",
            f"The feed was accepted, but nothing was received for {self._silence:g} s: a proxy "
            "seems to buffer it. Switch its response buffering off for this address.",
        )

    def _failure(self, url: str, error: BaseException) -> FeedDisconnected:
        if self._is_interrupted:
            return stopped()
        code = failure_reason(error)
        text = failure_text(code)
        if code == "timeout" and self._socket is not None:
            text = "it took the request, but did not answer in time; a proxy may buffer the reply"
        return FeedDisconnected(code, f"The feed at {display_url(url)} broke: {text}.")

    def _on_connected(self, opened: socket.socket) -> None:
        with self._lock:
            self._socket = opened
            if self._is_interrupted:
                _shut_down(opened)

    def close(self) -> None:
        with self._lock:
            self._socket = None
        if self._response is not None:
            self._response.close()
        if self._session is not None:
            self._session.close()


def _headers(position: str) -> dict[str, str | bytes]:
    headers: dict[str, str | bytes] = {
        "Accept": "text/event-stream",
        "Cache-Control": "no-cache",
        "Accept-Encoding": "identity",
    }
    if position:
        headers["Last-Event-ID"] = position.encode()
    return headers


def _error_status(response: requests.Response) -> FeedDisconnected:
    status = response.status_code
    return FeedDisconnected(
        reason_of_status(status),
        f"{display_url(response.url)} answered {status} {response.reason or ''}".rstrip() + ".",
        final=is_final_status(status),
        retry_after=parse_retry_after(response.headers.get("Retry-After")),
    )


def is_usable_position(position: str) -> bool:
    """Return whether a request header can carry this position."""
    is_printable = position.isprintable() and not position[:1].isspace()
    return bool(position) and is_printable and len(position.encode()) <= MAX_POSITION


def stopped() -> FeedDisconnected:
    """Return the failure of a connection that the follower itself ended."""
    return FeedDisconnected("stopped", "The portal stopped following the feed.", final=True)


def _shut_down(opened: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        opened.shutdown(socket.SHUT_RDWR)
