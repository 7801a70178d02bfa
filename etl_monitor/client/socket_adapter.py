"""Adapters for `requests`: one that leaves ids as they are, one with access to its sockets."""

import re
import socket
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from requests.models import PreparedRequest

_DOTS = re.compile(r"(?<=/)\.\.?(?=/|\?|$)")


class IdKeepingAdapter(HTTPAdapter):
    """Sends the ids `.` and `..` as `%2E` and `%2E%2E`: requests decodes them, and a server would
    take them for folders."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        url = super().request_url(request, proxies)
        return _DOTS.sub(lambda dots: dots[0].replace(".", "%2E"), url)


class WatchedAdapter(IdKeepingAdapter):
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
