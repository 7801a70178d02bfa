"""An HTTP proxy in front of a real service, with a bad network on its feed."""

import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Protocol
from urllib.parse import urlencode

from tests.support.bad_network import BadNetwork, Behind
from tests.support.scripted_server import EVENT_STREAM, Exchange, ScriptedServer

_REQUEST_HEADERS = ("authorization", "last-event-id", "accept")
_RESPONSE_HEADERS = ("content-type", "x-total-count", "x-last-event-id", "x-event-log-id")
_HEARTBEAT_EVERY = 0.05  # seconds; the service's own heartbeats are too rare for short tests
_PIECE = 65_536


class Service(Behind, Protocol):
    """The service behind the relay. The relay counts its `resets`."""

    port: int


class Relay:
    """Passes every request at `server` on to the service, while it runs.

    The network's fates apply to single events, so that it knows which ones arrived; it cuts their
    bytes anywhere.
    """

    def __init__(self, server: ScriptedServer, service: Service, network: BadNetwork) -> None:
        self._service, self._network = service, network
        self.ended_by_service = 0  # feeds that ended without a fate of the network
        server.on("*", self._relay)
        server.on("/etl/jobs/stream", self._stream)

    def _relay(self, exchange: Exchange) -> None:
        with closing(self._send(exchange)) as connection:
            response = _response(connection, exchange)
            _answer(exchange, response, response.read())

    def _stream(self, exchange: Exchange) -> None:
        with closing(self._send(exchange)) as connection:
            response = _response(connection, exchange)
            if response.status != 200:
                _answer(exchange, response, response.read())
                return
            log_id = response.headers["X-Event-Log-Id"]
            headers = {"Transfer-Encoding": "chunked", "X-Event-Log-Id": log_id}
            self._network.begin(exchange, exchange.request.headers.get("last-event-id", ""))
            exchange.begin(200, EVENT_STREAM | headers)
            with _Pieces(connection, response) as pieces:
                self._carry(exchange, pieces)

    def _carry(self, exchange: Exchange, pieces: "_Pieces") -> None:
        for frame in pieces.frames():
            if frame.startswith(b":"):
                exchange.chunk(frame)
            elif b"event: feed_reset\n" in frame:
                self._service.resets += 1
                exchange.chunk(frame)
                exchange.hold()
                return
            elif not self._network(self._service, exchange, frame):
                return
        self.ended_by_service += 1

    def _send(self, exchange: Exchange) -> HTTPConnection:
        request = exchange.request
        connection = HTTPConnection("127.0.0.1", self._service.port, timeout=60)
        headers = {
            name: request.headers[name] for name in _REQUEST_HEADERS if name in request.headers
        }
        try:
            connection.request(
                request.method, f"{request.path}?{urlencode(request.query)}", None, headers
            )
        except OSError:
            exchange.reset()
        return connection


class _Pieces:
    """The pieces of a stream, read by a thread, so that waiting for one can time out."""

    def __init__(self, connection: HTTPConnection, response: HTTPResponse) -> None:
        self._connection, self._response = connection, response
        self._read: queue.Queue[bytes] = queue.Queue(maxsize=2)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read_all, daemon=True)

    def __enter__(self) -> "_Pieces":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        # A blocked read does not notice that the socket is closed.
        with suppress(OSError):
            self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def frames(self) -> Iterator[bytes]:
        """Yield each event or comment whole, and a comment when nothing arrives for a while."""
        rest = b""
        while True:
            try:
                piece = self._read.get(timeout=_HEARTBEAT_EVERY)
            except queue.Empty:
                yield b":\n\n"
                continue
            if not piece:
                return
            *frames, rest = (rest + piece).split(b"\n\n")
            yield from (frame + b"\n\n" for frame in frames)

    def _read_all(self) -> None:
        piece = b"."
        while piece and not self._closed.is_set():
            try:
                piece = self._response.read1(_PIECE)
            except (OSError, HTTPException, ValueError):
                piece = b""
            self._put(piece)

    def _put(self, piece: bytes) -> None:
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._read.put(piece, timeout=0.05)
                return


def _response(connection: HTTPConnection, exchange: Exchange) -> HTTPResponse:
    try:
        return connection.getresponse()
    except (OSError, HTTPException):
        exchange.reset()
        raise


def _answer(exchange: Exchange, response: HTTPResponse, body: bytes) -> None:
    given = response.headers
    headers = {name: given[name] for name in _RESPONSE_HEADERS if name in given}
    exchange.begin(response.status, {"Content-Length": str(len(body)), **headers})
    exchange.write(body)
