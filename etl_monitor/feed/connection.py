"""One connection to the feed: opened as the standard for event sources says, read as bytes come.

Every way in which it can fail is a `FeedDisconnected` whose code is the reason.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import requests

from etl_monitor.client.socket_adapter import WatchedAdapter
from etl_monitor.client.transport import (
    FAULTS,
    MAX_REDIRECTS,
    Access,
    new_session,
    reason_of,
    reason_text,
    redirected,
    shown,
)
from etl_monitor.errors import FeedDisconnected

CONNECT_TIMEOUT = 5.0  # seconds
ANSWER_TIMEOUT = 10.0  # seconds until the status line
MAX_POSITION = 1024  # bytes of Last-Event-ID; a proxy refuses longer headers for ever

_PIECE = 65_536
_RETRIED = (408, 425, 429)
_STOPS = {204: "no_content", 401: "unauthorised", 403: "forbidden"}


class FeedConnection:
    """Open it, read `chunks` in one thread; `interrupt` from any other ends whatever it waits for
    within milliseconds, apart from a connection being made, which CONNECT_TIMEOUT bounds."""

    def __init__(self, access: Access, *, silence: float) -> None:
        """`silence`: seconds without a byte after which the connection counts as broken."""
        self._access = access
        self._silence = silence
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._session: requests.Session | None = None
        self._response: requests.Response | None = None
        self._is_interrupted = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def open(self, position: str = "") -> None:
        """Ask for what comes after `position`; empty: for what happens from now on."""
        url = self._access.url("/etl/jobs/stream")
        for _ in range(MAX_REDIRECTS + 1):
            response = self._ask(url, position)
            target = redirected(response)
            if target is None:
                return self._accept(response)
            self._close()
            url = target
        raise FeedDisconnected("redirect", f"{shown(url)} redirects without end.")

    @property
    def log_id(self) -> str:
        """Which log of events this feed reads from; empty where the service does not say."""
        told: str = self._response.headers.get("X-Event-Log-Id", "") if self._response else ""
        return told

    def chunks(self) -> Iterator[bytes]:
        """Bytes as they come, until the service ends the stream."""
        heard = False
        while piece := self._read(heard=heard):
            heard = True
            yield piece

    def interrupt(self) -> None:
        with self._lock:
            self._is_interrupted = True
            if self._socket is not None:
                _shut_down(self._socket)

    def _ask(self, url: str, position: str) -> requests.Response:
        # A session for each request: a kept connection may be dead, and we would learn it late.
        self._session = new_session(url)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, WatchedAdapter(self._connected))
        try:
            self._response = self._session.get(
                url,
                headers=_headers(position),
                auth=self._access.auth(url),
                allow_redirects=False,
                stream=True,
                timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT),
            )
        except FAULTS as error:
            raise self._broken(url, error) from error
        return self._response

    def _accept(self, response: requests.Response) -> None:
        where = shown(response.url)
        if response.status_code != requests.codes.ok:
            raise _refusal(response)
        kind = response.headers.get("Content-Type", "")
        if kind.partition(";")[0].strip().lower() != "text/event-stream":
            message = f"{where} sends {kind or 'no content type'} instead of text/event-stream."
            raise FeedDisconnected("wrong_content_type", message)
        if self._socket is not None:
            self._socket.settimeout(self._silence)

    def _read(self, *, heard: bool) -> bytes:
        assert self._response is not None  # noqa: S101  # open comes first
        try:
            piece: bytes = self._response.raw.read1(_PIECE, decode_content=True)
        except FAULTS as error:
            if reason_of(error) == "timeout" and not self._is_interrupted:
                raise self._silent(heard=heard) from error
            raise self._broken(self._response.url, error) from error
        if self._is_interrupted:
            raise _stopped()
        return piece

    def _silent(self, *, heard: bool) -> FeedDisconnected:
        if heard:
            return FeedDisconnected(
                "silence",
                f"Nothing came for {self._silence:g} s, no heartbeat either: the line is dead, or "
                "a proxy in between holds the feed back.",
            )
        return FeedDisconnected(
            "buffered",
            f"The feed was accepted, but nothing came for {self._silence:g} s: a proxy in between "
            "seems to hold it back. Switch its response buffering off for this address.",
        )

    def _broken(self, url: str, error: BaseException) -> FeedDisconnected:
        if self._is_interrupted:
            return _stopped()
        code = reason_of(error)
        text = reason_text(code)
        if code == "timeout" and self._socket is not None:
            text = (
                "it took the request, but did not answer in time; nor does a proxy that holds back"
            )
        return FeedDisconnected(code, f"The feed at {shown(url)} broke: {text}.")

    def _connected(self, connected: socket.socket) -> None:
        with self._lock:
            self._socket = connected
            if self._is_interrupted:
                _shut_down(connected)

    def _close(self) -> None:
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


def _refusal(response: requests.Response) -> FeedDisconnected:
    status = response.status_code
    return FeedDisconnected(
        refusal_code(status),
        f"{shown(response.url)} answered {status} {response.reason or ''}".rstrip() + ".",
        final=stops_for_good(status),
        retry_after=seconds_of(response.headers.get("Retry-After")),
    )


def refusal_code(status: int) -> str:
    return _STOPS.get(status, f"http_{status}")


def stops_for_good(status: int) -> bool:
    return status in _STOPS or (400 <= status < 500 and status not in _RETRIED)


def seconds_of(retry_after: str | None) -> float | None:
    """`Retry-After` in seconds: it is a number of them, or a date."""
    told = (retry_after or "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, OverflowError):  # the latter in a year that no calendar has
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def can_be_asked_for(position: str) -> bool:
    """Whether a header can carry this position."""
    is_clean = position.isprintable() and not position[:1].isspace()
    return bool(position) and is_clean and len(position.encode()) <= MAX_POSITION


def _stopped() -> FeedDisconnected:
    return FeedDisconnected("stopped", "Nobody wants the feed any more.", final=True)


def _shut_down(connected: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        connected.shutdown(socket.SHUT_RDWR)
