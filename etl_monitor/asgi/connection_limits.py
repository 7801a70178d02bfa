"""Which connections a server keeps, so that no client can silence it for the others.

uvicorn waits without end for a request that does not come, and accepts connections until there is
no descriptor left. Here a request has to arrive in time and its reply has to be read, and when
descriptors become few, a new connection takes the place of one that keeps the server waiting, or is
turned away with 503. Open pages and feeds are served on.
"""

import asyncio
import time
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from etl_monitor.asgi.descriptors import LimitedLog, handle_exhaustion, raise_limit

HEAD_TIMEOUT = 15.0  # seconds for the head of a request
BODY_TIMEOUT = 60.0  # seconds between two pieces of its body
READ_TIMEOUT = 120.0  # seconds in which the client reads nothing of what fills the buffers
REFUSED_BODY_TIMEOUT = 5.0  # seconds for the rest of a body after its reply
STALLED = 2.0  # seconds of waiting after which a connection may have to make room
UNREAD = (
    10.0  # likewise, of a client that does not read; one that reads slowly seems to for a while
)

_RESERVE = 96  # descriptors for what requests open: database, files, pages' event loops
_REJECTIONS = 32  # that are being written at the same time
_REJECTION_TIMEOUT = 2.0  # seconds
_BATCH = 16  # connections that are accepted before the first of them is looked at
_QUEUE = 512  # connections that the system keeps until they are accepted
_PROGRESS_INTERVAL = 1.0  # seconds between two looks at whether a client reads
_START_INTERVAL = 0.1  # seconds between two looks at whether the server listens
_REPLY = """\
HTTP/1.1 503 Service Unavailable\r
Content-Type: {content_type}; charset=utf-8\r
Content-Length: {length}\r
X-Content-Type-Options: nosniff\r
Connection: close\r
Retry-After: 5\r
\r
"""


def limit_connections(server: uvicorn.Server, *, rejection: str, content_type: str) -> None:
    """Apply the limits to all connections of `server`. Called on its event loop, before it listens.

    `rejection`: what the reply 503 says, as text or JSON of the type `content_type`.
    """
    limit = raise_limit()
    room = None if limit is None else max(limit - _RESERVE, limit // 2)
    connections = Connections(_reply(rejection, content_type), room)
    server.config.http_protocol_class = partial(LimitedProtocol, connections)  # type: ignore[assignment]
    # asyncio accepts so many connections at once, and uses the number for the system's queue too.
    server.config.backlog = _BATCH
    loop = asyncio.get_running_loop()
    handle_exhaustion(loop, connections.relieve)
    loop.call_soon(_lengthen_queue, loop, server)


def _lengthen_queue(loop: asyncio.AbstractEventLoop, server: uvicorn.Server) -> None:
    """Let more connections wait in the system than are accepted at once, as soon as it listens."""
    if not server.started:
        loop.call_later(_START_INTERVAL, _lengthen_queue, loop, server)
        return
    for listener in (socket for each in server.servers for socket in each.sockets):
        with listener.dup() as duplicate:
            duplicate.listen(_QUEUE)


def _reply(content: str, content_type: str) -> bytes:
    body = content.encode()
    return _REPLY.format(content_type=content_type, length=len(body)).encode() + body


class Connections:
    """The connections of a server whose next bytes are awaited; those waiting longest come first.

    `room`: the number of descriptors from which on new connections are turned away. None: no limit.
    """

    def __init__(self, rejection: bytes, room: int | None) -> None:
        self.rejection = rejection
        self.rejected: set[LimitedProtocol] = set()
        self._room = room
        self._waiting: dict[LimitedProtocol, float] = {}
        self._log = LimitedLog("connections_turned_away")

    def admit(self, new: "LimitedProtocol") -> bool:
        """Return whether the new connection can be kept."""
        # The system gives out the lowest free number: at least as many descriptors are in use.
        used = new.transport.get_extra_info("socket").fileno()
        if self._room is None or used < self._room or self._make_room():
            return True
        self._log.record()
        return False

    def may_reject(self) -> bool:
        """Return whether there is a descriptor left for saying why."""
        return len(self.rejected) < _REJECTIONS

    def wait(self, connection: "LimitedProtocol", since: float) -> None:
        self._waiting.pop(connection, None)
        if connection not in self.rejected:
            self._waiting[connection] = since

    def forget(self, connection: "LimitedProtocol") -> None:
        self._waiting.pop(connection, None)

    def relieve(self) -> None:
        """Close stalled connections: requests have taken the descriptors left for them."""
        for stalled in list(islice(self._stalled(), _BATCH)):
            stalled.close_now()

    def _make_room(self) -> bool:
        stalled = next(self._stalled(), None)
        if stalled is None:
            return False
        stalled.close_now()
        return True

    def _stalled(self) -> Iterator["LimitedProtocol"]:
        now = time.monotonic()
        for connection, since in self._waiting.items():
            if since > now - STALLED:
                return
            if connection.keeps_waiting and since <= now - connection.stalled_after:
                yield connection


class LimitedProtocol(H11Protocol):
    """uvicorn's protocol for one connection, with time-outs for what its client has to send."""

    def __init__(self, connections: Connections, **options: Any) -> None:
        super().__init__(**options)
        self._connections = connections
        self._timer: asyncio.TimerHandle | None = None
        self._since = self._timeout = 0.0
        self._unread_bytes = 0
        self._has_reply = False  # that it was turned away

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._connections.admit(self):
            self._await(HEAD_TIMEOUT)
        elif self._connections.may_reject():
            self._connections.rejected.add(self)
            self._await(_REJECTION_TIMEOUT)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        self._connections.rejected.discard(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self in self._connections.rejected:
            self._reject()
        else:
            super().data_received(data)
            self._follow(HEAD_TIMEOUT)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await(READ_TIMEOUT, restart=True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._follow(HEAD_TIMEOUT)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._follow(self.timeout_keep_alive + HEAD_TIMEOUT)  # uvicorn closes an idle one before

    @property
    def keeps_waiting(self) -> bool:
        """Whether the next step is the client's, not ours."""
        return self._is_unread or not self.flow.read_paused

    @property
    def stalled_after(self) -> float:
        return UNREAD if self._is_unread else STALLED

    @property
    def _is_unread(self) -> bool:
        """Whether the client has to read before anything can go on, or can end."""
        return self.flow.write_paused or (
            self.transport.is_closing() and self._buffered_bytes() > 0
        )

    def _buffered_bytes(self) -> int:
        return self.transport.get_write_buffer_size()

    def close_now(self) -> None:
        self._end_wait()
        self.transport.abort()

    def _reject(self) -> None:
        """Write the reply, and read on until the client closes: to close with unread bytes would
        take the reply from it."""
        if not self.transport.can_write_eof():  # with TLS
            self.transport.write(self._connections.rejection)
            self.transport.close()
        elif not self._has_reply:
            self._has_reply = True
            self.transport.write(self._connections.rejection)
            self.transport.write_eof()

    def _follow(self, head_timeout: float) -> None:
        """Give the client time for what it has to send next, if anything."""
        state = self.conn.their_state
        if self.transport.get_protocol() is not self:  # a WebSocket
            self._end_wait()
        elif self._is_unread:
            self._await(READ_TIMEOUT)
        elif self.transport.is_closing():
            self._end_wait()
        elif state is h11.IDLE:
            self._await(head_timeout)
        elif state is h11.SEND_BODY and self.cycle.response_complete:
            self._await(REFUSED_BODY_TIMEOUT)
        elif state is h11.SEND_BODY:
            self._await(BODY_TIMEOUT, restart=True)
        else:
            self._end_wait()

    def _await(self, timeout: float, *, restart: bool = False) -> None:
        """Close the connection in `timeout` seconds. A wait with the same timeout goes on;
        `restart` begins it again."""
        if restart or timeout != self._timeout:
            self._wait_anew()
        if timeout != self._timeout:
            self._timeout = timeout
            self._arm(timeout)

    def _wait_anew(self) -> None:
        self._since = time.monotonic()
        self._connections.wait(self, self._since)

    def _arm(self, seconds: float) -> None:
        """`_check` in so many seconds; sooner if it has to see whether the client reads."""
        if self._timer is not None:
            self._timer.cancel()
        seconds = min(seconds, _PROGRESS_INTERVAL) if self._is_unread else seconds
        self._timer = self.loop.call_later(seconds, self._check)

    def _check(self) -> None:
        if self._is_unread and self._unread_bytes != (left := self._buffered_bytes()):
            self._unread_bytes = left
            self._wait_anew()
        remaining = self._since + self._timeout - time.monotonic()
        if not self.keeps_waiting:
            self._arm(self._timeout)
        elif remaining > 0:
            self._arm(remaining)
        else:
            self.close_now()

    def _end_wait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timeout = None, 0.0
        self._connections.forget(self)
