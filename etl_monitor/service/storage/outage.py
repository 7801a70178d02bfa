"""Wait while the database is unavailable, because it is locked or its disk is full.

API requests fail at once. The service's own threads and the workers have no caller to pass the
error to, so they retry until the database is back. The log gets one line when an outage begins and
one when it ends.
"""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

RETRY_INTERVAL = 1.0  # seconds

_log = logging.getLogger(__name__)
_pause = threading.Event()

Result = TypeVar("Result")


class DatabaseOutage:
    """Log the beginning and the end of each outage that one component sees.

    Thread-safe. Reading may work while writing does not, so each of the two has its own instance.
    """

    def __init__(self, component: str) -> None:
        self._component = component
        self._is_on = False
        self._lock = threading.Lock()

    def record_failure(self, error: SQLAlchemyError) -> None:
        with self._lock:
            if not self._is_on:
                reason = str(getattr(error, "orig", error))
                extra = {"component": self._component, "reason": reason}
                _log.error("database_outage_began", extra=extra)
            self._is_on = True

    def record_success(self) -> None:
        with self._lock:
            if self._is_on:
                _log.info("database_outage_ended", extra={"component": self._component})
            self._is_on = False


def wait_for_database(action: Callable[[], Result], outage: DatabaseOutage) -> Result:
    """Return what `action` returns, retrying it as long as the database is unavailable."""
    while True:
        try:
            result = action()
        except OperationalError as error:
            outage.record_failure(error)
            _pause.wait(RETRY_INTERVAL)
        else:
            outage.record_success()
            return result
