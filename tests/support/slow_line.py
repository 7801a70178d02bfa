"""A connection between portal and service that stalls during a large upload until released."""

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

_PIECE = 65_536


class SlowLine:
    """Carries everything, but of each connection's requests only the first `most` bytes until
    `go_on` is set."""

    def __init__(self, address: str, *, most: int) -> None:
        where = urlsplit(address)
        self._service = (where.hostname, where.port)
        self._most = most
        self.go_on = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Small, so that bytes waiting in the socket buffer do not count as sent.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _PIECE)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.go_on.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._service)
                for ends in ((near, far, self._most), (far, near, None)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, most: int | None) -> None:
        carried = 0
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                carried += len(piece)
                if most is not None and carried > most:
                    self.go_on.wait()
                target.sendall(piece)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
