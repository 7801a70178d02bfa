"""The lock of what runs a database's jobs: one service, or any number of workers of Celery.

Two of both kinds would end each other's jobs as lost. PostgreSQL releases the lock however its
holder ends, and also when it restarts itself: a thread takes it again then.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage
from etl_monitor.service.storage.service_locks import ServiceLocks

INTERVAL = 2.0  # seconds between two checks of the lock

_log = logging.getLogger(__name__)


@contextmanager
def engine_lock(db: Database, *, shared: bool, interval: float = INTERVAL) -> Iterator[bool]:
    """Hold the lock, `shared` with others of the same kind. Yields whether it is free.

    On SQLite it always is: only the service's own workers can use the database.
    """
    with closing(db.service_locks()) as locks:
        if not locks.run_jobs(shared=shared):
            yield False
        elif db.is_sqlite:
            yield True
        else:
            with _Keeper(locks, shared, interval).running():
                yield True


class _Keeper:
    """The thread. It uses `locks`, of which the engine's is taken, until it ends."""

    def __init__(self, locks: ServiceLocks, shared: bool, interval: float) -> None:
        self._locks, self._shared, self._interval = locks, shared, interval
        self._has_lock = True
        self._is_shared_wrongly = False
        self._outage = DatabaseOutage("engine_lock")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-lock", daemon=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()

    def _run(self) -> None:
        pause = self._interval
        while not self._stopping.wait(pause):
            try:
                self._check()
                self._outage.record_success()
                pause = self._interval
            except SQLAlchemyError as error:
                self._has_lock, pause = False, RETRY_INTERVAL
                self._outage.record_failure(error)
            except Exception:  # noqa: BLE001  # without this thread others could run jobs as well
                self._has_lock, pause = False, self._interval
                _log.exception("engine_lock_failed")

    def _check(self) -> None:
        if self._has_lock:
            self._locks.check()
            return
        self._locks.reconnect()
        self._has_lock = self._locks.run_jobs(shared=self._shared)
        if self._has_lock:
            self._is_shared_wrongly = False
            _log.info("engine_lock_retaken")
        elif not self._is_shared_wrongly:
            self._is_shared_wrongly = True
            _log.error("engine_shared")
