"""The database is away for a while: locked by somebody, or its disk is full.

A person's request is refused then. The service's own threads and the workers cannot refuse: they
wait until it is back, and the log tells once when that began and once when it was over.
"""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

RETRY_INTERVAL = 1.0  # seconds

_log = logging.getLogger(__name__)
_pause = threading.Event()

Done = TypeVar("Done")


class DatabaseOutage:
    """Told of every attempt, from any thread, it writes down where things changed. Where reading
    may work while writing does not, each has its own."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._is_away = False
        self._lock = threading.Lock()

    def record_failure(self, error: SQLAlchemyError) -> None:
        with self._lock:
            if not self._is_away:
                reason = str(getattr(error, "orig", error))
                _log.error("database_away", extra={"who": self._who, "reason": reason})
            self._is_away = True

    def record_success(self) -> None:
        with self._lock:
            if self._is_away:
                _log.info("database_back", extra={"who": self._who})
            self._is_away = False


def wait_for_database(action: Callable[[], Done], outage: DatabaseOutage) -> Done:
    """What `action` returns, as soon as the database lets it."""
    while True:
        try:
            done = action()
        except OperationalError as error:
            outage.record_failure(error)
            _pause.wait(RETRY_INTERVAL)
        else:
            outage.record_success()
            return done
