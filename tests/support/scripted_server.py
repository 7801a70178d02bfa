"""A real HTTP server on loopback that behaves as a test scripts it: well, badly, or not at all.

    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([]))
        server.on("/etl/jobs/stream", status(503), stream(b"data: a\\n\\n", RESET), stream(HOLD))

Each request to a path takes the next step; the last one is repeated.
"""

import json
import queue
import select
import socket
import ssl
import struct
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

EVENT_STREAM = {"Content-Type": "text/event-stream"}


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]  # the last value of each name
    every: Mapping[str, Sequence[str]]  # all values of each name
    headers: Mapping[str, str]
    body: bytes


class Exchange:
    """One request being answered."""

    def __init__(self, handler: BaseHTTPRequestHandler, closing: threading.Event) -> None:
        self._handler = handler
        self.closing = closing
        parts = urlsplit(handler.path)
        parameters = parse_qs(parts.query)
        self.request = Request(
            method=handler.command,
            path=parts.path,
            query={name: values[-1] for name, values in parameters.items()},
            every=parameters,
            headers={name.lower(): value for name, value in handler.headers.items()},
            body=handler.rfile.read(int(handler.headers.get("Content-Length") or 0)),
        )

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._handler.send_response(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        self._handler.wfile.write(data)
        self._handler.wfile.flush()

    def chunk(self, data: bytes) -> None:
        """Send one HTTP chunk; an empty one ends the body."""
        self.write(b"%x\r\n%s\r\n" % (len(data), data))

    def hold(self) -> None:
        """Keep the connection open and silent until the client or the server closes it."""
        while not self.closing.is_set():
            if select.select([self._handler.connection], [], [], 0.02)[0]:
                return

    def reset(self) -> None:
        """End the connection with an RST, as a crash or a cut cable behind a router does."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        raise ConnectionResetError


Step = Callable[[Exchange], None]
Part = bytes | Step | threading.Event


def HOLD(exchange: Exchange) -> None:  # noqa: N802  # reads like a constant in a script
    exchange.hold()


def RESET(exchange: Exchange) -> None:  # noqa: N802
    exchange.reset()


def reply(data: Any, *, code: int = 200, **headers: str) -> Step:
    """Return a successful reply; headers as `x_total_count="7"`."""
    return raw(json.dumps({"success": True, "data": data}).encode(), code=code, **headers)


def rejection(
    code: int, name: str = "no", message: str = "No.", details: Any = None, **headers: str
) -> Step:
    error = {"code": name, "message": message} | ({"details": details} if details else {})
    return raw(json.dumps({"success": False, "error": error}).encode(), code=code, **headers)


def status(code: int, **headers: str) -> Step:
    """Return a reply without a body, as a proxy sends it."""
    return raw(b"", code=code, **headers)


def raw(body: bytes, *, code: int = 200, **headers: str) -> Step:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def step(exchange: Exchange) -> None:
        exchange.begin(code, {"Content-Length": str(len(body)), **named})
        exchange.write(body)

    return step


def stream(*parts: Part, headers: Mapping[str, str] | None = None) -> Step:
    """Return an event stream that sends bytes, waits for Events and runs steps; then ends."""

    def step(exchange: Exchange) -> None:
        exchange.begin(200, EVENT_STREAM if headers is None else headers)
        for part in parts:
            if isinstance(part, bytes):
                exchange.write(part)
            elif isinstance(part, threading.Event):
                part.wait(60)
            else:
                part(exchange)

    return step


def chunked(*pieces: bytes) -> Step:
    """Return an event stream in HTTP chunks, cut as given."""

    def step(exchange: Exchange) -> None:
        exchange.begin(200, EVENT_STREAM | {"Transfer-Encoding": "chunked"})
        for piece in pieces:
            exchange.chunk(piece)
        exchange.hold()

    return step


@dataclass
class _Script:
    steps: list[Step]
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> Step:
        with self.lock:
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


class ScriptedServer:
    def __init__(self, *, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.requests: queue.Queue[Request] = queue.Queue()
        self._scripts: dict[str, _Script] = {}
        self._closing = threading.Event()
        self._http = _Server(("127.0.0.1", port), self._handler())
        if tls is not None:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        self.address = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def on(self, path: str, *steps: Step) -> None:
        """Set the steps of a path; `*` is every path without steps of its own."""
        self._scripts[path] = _Script(list(steps))

    def seen(self, path: str) -> list[Request]:
        """Return the requests to a path so far."""
        return [request for request in list(self.requests.queue) if request.path == path]

    def close(self) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        exchange = Exchange(handler, self._closing)
        self.requests.put(exchange.request)
        script = self._scripts.get(exchange.request.path) or self._scripts.get("*")
        step = script.next() if script else rejection(404, "not_found", "There is no such call.")
        step(exchange)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            disable_nagle_algorithm = True

            def do_GET(self) -> None:  # the name that http.server requires
                answer(self)
                self.close_connection = "content-length" not in self._sent

            do_POST = do_DELETE = do_GET  # noqa: N815

            def send_header(self, keyword: str, value: str) -> None:
                self._sent.add(keyword.lower())
                super().send_header(keyword, value)

            def handle_one_request(self) -> None:
                self._sent: set[str] = set()
                super().handle_one_request()

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the errors of connections that a test cut."""
        if not isinstance(sys.exception(), OSError | ValueError):
            super().handle_error(request, client_address)


def closed_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
