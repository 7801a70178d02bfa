"""Who the service takes the portal for: asked now and then, kept in between."""

import threading
import time
from collections.abc import Callable

from etl_monitor.errors import EtlMonitorError
from etl_monitor.wire.delegation import Identity

_ASKED_AGAIN_AFTER = 60.0  # seconds; a token's role does not change, but a service may be replaced


_TRIED_AGAIN_AFTER = 5.0


class WhoAmI:
    """Who the service takes us for, asked now and then. Safe to use from any thread."""

    def __init__(self, ask: Callable[[], Identity | None]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._known: Identity | None = None
        self._next = 0.0

    def __call__(self) -> Identity | None:
        """As it was last told; only one thread at a time waits for the service."""
        if time.monotonic() >= self._next and self._lock.acquire(blocking=False):
            try:
                self._known, wait = self._ask(), _ASKED_AGAIN_AFTER
            except EtlMonitorError:
                wait = _TRIED_AGAIN_AFTER
            finally:
                self._lock.release()
            self._next = time.monotonic() + wait
        return self._known
