"""Clients that begin a request and never end it."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

HEAD = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-"
BODY = b"POST /tests/results HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\nx"
_BUFFER = 4096  # bytes that the system takes for a client that does not read
BEGINNINGS = {"nothing": b"", "half a head": HEAD, "a body that does not come": BODY}


@contextmanager
def half_open_requests(address: str, beginning: bytes, count: int) -> Iterator[None]:
    """Keep `count` connections open on which `beginning` was sent, and nothing after it."""
    parts = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            connection.settimeout(30)
            try:
                connection.connect((parts.hostname, parts.port))
                connection.sendall(beginning)
            except ConnectionError:  # it was turned away
                continue
        yield
