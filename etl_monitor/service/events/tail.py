"""Follows the end of the event log: reads new events once for all, and wakes those who wait.

Workers write to the database themselves, so a thread queries the newest position some twenty times
per second, once for all subscribers. After a commit of this process, `notify` makes it query at
once.
"""

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.events import event_log
from etl_monitor.service.events.event_log import LoggedEvent
from etl_monitor.service.events.recent import RecentEvents
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage

POLL_INTERVAL = 0.05  # seconds

_PAGE = 1000  # events read at once
_AT_START = 1000  # events that are in memory from the start: followers come back to about there


class EventTail:
    """Can be made in any thread. `start`, `position`, `recent`, `close`, `wait` belong to an event
    loop."""

    def __init__(
        self, db: Database, *, poll_interval: float = POLL_INTERVAL, at_start: int = _AT_START
    ) -> None:
        """`at_start`: how many events before its start are in memory."""
        self._db, self._poll_interval, self._at_start = db, poll_interval, at_start
        self.recent = RecentEvents()
        self._notified, self._stopping = threading.Event(), threading.Event()
        self._changed = asyncio.Event()
        self._outage = DatabaseOutage("event-tail")
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
    def position(self) -> int:
        """The newest event's position."""
        return self.recent.end

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
        last: int | None = None
        while not self._stopping.is_set():
            self._notified.clear()
            last, is_behind = self._read(last)
            if not is_behind:
                self._notified.wait(self._poll_interval)

    def _read(self, last: int | None) -> tuple[int | None, bool]:
        """Pass on the events after `last` (None: there is no start yet).

        Return the position that they reach, and whether there are more.
        """
        try:
            with self._db.reading() as tx:
                position = event_log.position(tx)
                if last is None:
                    last = max(position - self._at_start, event_log.oldest(tx) - 1)
                    self._loop.call_soon_threadsafe(self._begin, last)
                events = event_log.read_after(tx, last, limit=_PAGE) if position > last else ()
        except SQLAlchemyError as error:
            self._outage.record_failure(error)
            self._stopping.wait(RETRY_INTERVAL)
            return last, False
        self._outage.record_success()
        is_behind = len(events) == _PAGE
        end = events[-1].position if is_behind else position
        if end > last:
            self._pass_on(events, last, end)
        return end, is_behind

    def _pass_on(self, events: Sequence[LoggedEvent], last: int, end: int) -> None:
        """Add the events after `last`, up to `end`, to those in memory. If the first of them were
        pruned before this thread read them, memory begins anew: a subscriber that needs them then
        reads the log, and gets a reset."""
        start = events[0].position - 1 if events else end
        if start > last:
            self._loop.call_soon_threadsafe(self._begin, start)
        self._loop.call_soon_threadsafe(self._advance, events, end)

    def _begin(self, position: int) -> None:
        self.recent.begin(position)
        self._wake()

    def _advance(self, events: Sequence[LoggedEvent], position: int) -> None:
        self.recent.add(events, position)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
