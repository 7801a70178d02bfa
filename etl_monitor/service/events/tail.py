"""Knows where the event log ends, and wakes those who wait for more.

Workers write the database themselves, so a thread asks it for the position, some twenty times a
second, once for all subscribers. What this process writes is known at once by `notify`.
"""

import asyncio
import threading
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.events import event_log
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage

POLL_INTERVAL = 0.05  # seconds


class EventTail:
    """Made anywhere, started on an event loop. `position` and `wait` belong to that loop."""

    def __init__(self, db: Database, *, poll_interval: float = POLL_INTERVAL) -> None:
        self._db, self._look_every = db, poll_interval
        self._hint, self._stopping = threading.Event(), threading.Event()
        self._changed = asyncio.Event()
        self._outage = DatabaseOutage("event-tail")
        self.position = 0
        self.closed = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._watch, name="event-tail", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._hint.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def notify(self) -> None:
        """Something has just been committed. From any thread."""
        self._hint.set()

    def close(self) -> None:
        """Let all who wait go; the service stops. On the loop."""
        self.closed = True
        self._wake()

    async def wait(self, after: int, timeout: float) -> None:
        """Wait for an event after this position; at most `timeout` seconds."""
        if self.position > after or self.closed:
            return
        changed = self._changed
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await changed.wait()

    def _watch(self) -> None:
        known = 0
        while not self._stopping.is_set():
            self._hint.clear()
            position = self._look(known)
            if position != known:
                known = position
                self._loop.call_soon_threadsafe(self._announce, position)
            self._hint.wait(self._look_every)

    def _look(self, known: int) -> int:
        try:
            with self._db.reading() as tx:
                position = event_log.position(tx)
        except SQLAlchemyError as error:
            self._outage.record_failure(error)
            self._stopping.wait(RETRY_INTERVAL)
            return known
        self._outage.record_success()
        return position

    def _announce(self, position: int) -> None:
        self.position = position
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
