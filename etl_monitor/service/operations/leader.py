"""The leader: the one of several services that does what must be done once.

Each service competes for a lock of the database. The one that has it performs the duties:
housekeeping, and seeding the samples. When it ends, or loses its connection to the database,
another one takes over. A service on SQLite has no others, and leads from its start.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage
from etl_monitor.service.storage.service_locks import ServiceLocks

INTERVAL = 2.0  # seconds between two attempts to lead, and between two checks of the lock

_log = logging.getLogger(__name__)


class Leader:
    """`duties` begin when the context is entered, and end when it is left."""

    def __init__(
        self,
        locks: ServiceLocks,
        duties: Callable[[], AbstractContextManager[object]],
        *,
        has_others: bool,
        interval: float = INTERVAL,
    ) -> None:
        """`locks`: already entered, alone or, if `has_others`, as one of several services."""
        self._locks, self._duties, self._has_others = locks, duties, has_others
        self._interval = interval
        self._is_leading, self._has_locks = False, True
        self._outage = DatabaseOutage("leader")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leader", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_leading(self) -> bool:
        return self._is_leading

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._enter_again()
                self._compete()
            except SQLAlchemyError as error:
                self._has_locks = False
                self._outage.record_failure(error)
                self._stopping.wait(RETRY_INTERVAL)
            except Exception:  # noqa: BLE001  # without this thread old records would stay
                _log.exception("leader_failed")
                self._stopping.wait(self._interval)

    def _compete(self) -> None:
        """Lead until the service stops, if no other service leads now."""
        self._locks.check()
        self._outage.record_success()
        if not self._locks.lead():
            self._stopping.wait(self._interval)
            return
        with self._duties():
            self._is_leading = True
            _log.info("leading_began")
            try:
                while not self._stopping.wait(self._interval):
                    self._locks.check()
            finally:
                self._is_leading = False
        self._locks.stop_leading()

    def _enter_again(self) -> None:
        """Do so if the connection broke: the server has released the locks."""
        if self._has_locks:
            return
        self._locks.reconnect()
        if self._has_others:
            self._locks.enter()
        elif not self._locks.enter_alone():
            _log.error("database_shared")
        self._has_locks = True
