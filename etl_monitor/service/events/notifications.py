"""PostgreSQL's notifications: a commit anywhere wakes the feeds of every service at once.

On SQLite, and while the listening connection is away, the event log's tail polls.
"""

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL

_CHANNEL = "etl_monitor_events"
_WAIT = 1.0  # seconds until the thread looks whether it is to stop

_log = logging.getLogger(__name__)


def announce(tx: Connection) -> None:
    """Notify all services when this transaction is committed; equal ones of a transaction are
    sent once."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_notify(_CHANNEL, "")))


class NotificationListener:
    """Calls `notify` after each commit of an event by any process."""

    def __init__(self, db: Database, notify: Callable[[], None]) -> None:
        self._db, self._notify = db, notify
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except SQLAlchemyError as error:
                _log.warning("notifications_interrupted", extra={"reason": str(error)})
                self._stopping.wait(RETRY_INTERVAL)

    def _listen(self) -> None:
        with self._db.listening(_CHANNEL) as next_notifications:
            while not self._stopping.is_set():
                if next_notifications(_WAIT):
                    self._notify()
