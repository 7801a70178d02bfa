"""When the samples' jobs start: some at once, the others over minutes, so that something moves.

A sample waits while any job waits: the queue is never full of samples, and a person's upload has at
most one of them before it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database

AT_ONCE = 4  # samples: a long job, a short one, one that fails and one that is cancelled
_MINUTE = 60.0  # seconds
_POLL_INTERVAL = 0.2  # seconds


@dataclass(kw_only=True)
class Pace:
    """`interval`: seconds from one start to the next of the later samples, whatever is done in
    between; 0: all at once, whatever waits. `clock` in seconds."""

    interval: float
    clock: Callable[[], float] = time.monotonic
    _last_start: float = 0.0

    def wait(self, index: int, db: Database, stop: Event) -> bool:
        """Wait until the sample of this index may start. Returns False if `stop` is set."""
        if not self.interval:
            return not stop.is_set()
        pause = max(0.0, self._last_start + self.interval - self.clock())
        if index >= AT_ONCE and stop.wait(pause):
            return False
        while _is_any_waiting(db):
            if stop.wait(_POLL_INTERVAL):
                return False
        self._last_start = self.clock()
        return not stop.is_set()


def pace_over(minutes: float, samples: int) -> Pace:
    """Return the pace at which so many samples take so many minutes."""
    return Pace(interval=minutes * _MINUTE / max(1, samples - AT_ONCE))


def _is_any_waiting(db: Database) -> bool:
    with db.reading() as tx:
        return job_queries.count_pending(tx, at_most=1) > 0
