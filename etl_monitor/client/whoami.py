"""The identity of the portal's token at the service, cached."""

import threading
import time
from collections.abc import Callable

from etl_monitor.errors import EtlMonitorError
from etl_monitor.wire.delegation import Identity

_REFRESH_INTERVAL = 60.0  # seconds; a token's role does not change, but a service may be replaced
_RETRY_INTERVAL = 5.0  # seconds after a failed request


class WhoAmI:
    """Returns the identity as it was last read. Safe to use from any thread."""

    def __init__(self, request: Callable[[], Identity | None]) -> None:
        self._request = request
        self._lock = threading.Lock()
        self._identity: Identity | None = None
        self._refresh_at = 0.0

    def __call__(self) -> Identity | None:
        """Refresh the identity if it is due; only one thread at a time waits for the service."""
        if time.monotonic() >= self._refresh_at and self._lock.acquire(blocking=False):
            try:
                self._identity, interval = self._request(), _REFRESH_INTERVAL
            except EtlMonitorError:
                interval = _RETRY_INTERVAL
            finally:
                self._lock.release()
            self._refresh_at = time.monotonic() + interval
        return self._identity
