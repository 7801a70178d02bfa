"""An adapter for `requests` that gives access to the sockets of its connections."""

import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter


class WatchedAdapter(HTTPAdapter):
    """Calls `on_connect` with the socket of each new connection, so that the caller can set its
    timeout or shut it down."""

    def __init__(self, on_connect: Callable[[socket.socket], None]) -> None:
        self._on_connect = on_connect
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._on_connect)
        return pool


def _watched(kind: Any, on_connect: Callable[[socket.socket], None]) -> Any:
    class Watched(kind):  # type: ignore[misc]  # plain and encrypted connections alike
        def connect(self) -> None:
            super().connect()
            on_connect(self.sock)

    return Watched
