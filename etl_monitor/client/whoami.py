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
        self._lock = threading.Lock()  # held during a request
        self._identity: Identity | None = None
        self._refresh_at = 0.0
        self._was_requested = False

    def __call__(self) -> Identity | None:
        """Refresh the identity if it is due. Only the first call waits for the service: live pages
        are drawn with the identity, and a slow service must not hold them up."""
        if time.monotonic() >= self._refresh_at and self._lock.acquire(blocking=False):
            if self._was_requested:
                threading.Thread(target=self._refresh, name="etl-monitor-me", daemon=True).start()
            else:
                self._refresh()
        return self._identity

    def _refresh(self) -> None:
        interval = _RETRY_INTERVAL
        try:
            self._identity, interval = self._request(), _REFRESH_INTERVAL
        except EtlMonitorError:
            pass
        finally:
            self._was_requested, self._refresh_at = True, time.monotonic() + interval
            self._lock.release()
