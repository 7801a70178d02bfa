"""Follows the end of the event log, and wakes those who wait for new events.

Workers write to the database themselves, so a thread queries the newest position some twenty times
per second, once for all subscribers. After a commit of this process, `notify` makes it query at
once.
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
    """Can be made in any thread. `start`, `position`, `close`, `wait` belong to an event loop."""

    def __init__(self, db: Database, *, poll_interval: float = POLL_INTERVAL) -> None:
        self._db, self._poll_interval = db, poll_interval
        self._notified, self._stopping = threading.Event(), threading.Event()
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
        self._notified.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def notify(self) -> None:
        """Announce that something was committed. Thread-safe."""
        self._notified.set()

    def close(self) -> None:
        """Release all who wait, because the service stops."""
        self.closed = True
        self._wake()

    async def wait(self, after: int, timeout: float) -> None:
        """Wait until there is an event after this position, or for `timeout` seconds."""
        if self.position > after or self.closed:
            return
        changed = self._changed
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await changed.wait()

    def _watch(self) -> None:
        last = 0
        while not self._stopping.is_set():
            self._notified.clear()
            position = self._read_position(last)
            if position != last:
                last = position
                self._loop.call_soon_threadsafe(self._advance, position)
            self._notified.wait(self._poll_interval)

    def _read_position(self, last: int) -> int:
        """Return the newest position, or `last` if the database is unavailable."""
        try:
            with self._db.reading() as tx:
                position = event_log.position(tx)
        except SQLAlchemyError as error:
            self._outage.record_failure(error)
            self._stopping.wait(RETRY_INTERVAL)
            return last
        self._outage.record_success()
        return position

    def _advance(self, position: int) -> None:
        self.position = position
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
