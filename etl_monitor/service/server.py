"""The HTTP server: listens, serves, and stops promptly."""

import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from etl_monitor.asgi.connection_limits import limit_connections
from etl_monitor.service import errors, startup_errors
from etl_monitor.service.api.responses import error_response
from etl_monitor.service.events.tail import EventTail

READY = "ETL service listening on "
_GRACE = 3  # seconds that requests in flight get when the service stops
# Longer than proxies (commonly 60 s) and clients keep an idle connection: the side that closes last
# never closes a connection that the other one is about to use again, which would see a reset.
_KEEP_ALIVE = 75  # seconds
_LAST_GRACE = 8.0  # seconds after which a hanging stop is cut short

_log = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Open the socket to listen on; port 0 means any free port.

    It listens only when the service is ready: until then a proxy finds the connection refused, and
    tries another service. Raises SettingError if the port is taken or the host is not one of this
    machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, kind, protocol, _, address = found[0]
        # asyncio disables Nagle's algorithm only if the socket's protocol says TCP. With Nagle each
        # reply after the first one of a connection comes 40 ms late.
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unusable(host, port, error) from None
    try:
        if sys.platform != "win32":  # on Windows it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _cannot_bind(host, port, error) from None
    return listener


class Server(uvicorn.Server):
    """Calls `on_ready` when it accepts requests, and ends open feeds when it stops."""

    def __init__(self, app: FastAPI, tail: EventTail, *, on_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,  # its lines would contain tokens from `?token=`
                lifespan="on",
                timeout_graceful_shutdown=_GRACE,
                timeout_keep_alive=_KEEP_ALIVE,
                ws="none",
                server_header=False,
            )
        )
        self._tail, self._on_ready = tail, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        rejection = bytes(error_response(errors.TooManyConnections()).body).decode()
        limit_connections(self, rejection=rejection, content_type="application/json")
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._tail.close()
        await super().shutdown(sockets)


def stop_with_parent(server: uvicorn.Server, stop_grace: float) -> None:
    """Stop the server when standard input closes. If the process that started this one ends, even
    by a kill, the system closes it. `stop_grace`: seconds that running jobs get."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        _log.info("parent_exited")
        server.should_exit = True
        last = threading.Timer(_LAST_GRACE + stop_grace, os._exit, (1,))
        last.daemon = True
        last.start()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _cannot_bind(host: str, port: int, error: OSError) -> Exception:
    if error.errno == errno.EADDRINUSE:
        return startup_errors.PortInUse(host=host, port=port)
    return _unusable(host, port, error)


def _unusable(host: str, port: int, error: OSError) -> startup_errors.AddressUnusable:
    reason = error.strerror or str(error)
    return startup_errors.AddressUnusable(host=host, port=port, reason=reason)
