"""Connections of which somebody gets to know the socket."""

import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter


class WatchedAdapter(HTTPAdapter):
    """Tells of the socket of each connection that it makes, so that others can end its waits or
    say how long they may be."""

    def __init__(self, connected: Callable[[socket.socket], None]) -> None:
        self._connected = connected
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _watched(pool.ConnectionCls, self._connected)
        return pool


def _watched(kind: Any, connected: Callable[[socket.socket], None]) -> Any:
    class Watched(kind):  # type: ignore[misc]  # plain and encrypted connections alike
        def connect(self) -> None:
            super().connect()
            connected(self.sock)

    return Watched
