"""When the samples' jobs start: some at once, the others over minutes, so that something moves.

A sample waits while any job waits: the queue is never full of samples, and a person's upload has at
most one of them before it.
"""

from dataclasses import dataclass
from threading import Event

from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database

AT_ONCE = 9  # samples: jobs that finish, one that fails, and long ones that run meanwhile
_MINUTE = 60.0  # seconds
_POLL_INTERVAL = 0.2  # seconds


@dataclass(frozen=True, kw_only=True)
class Pace:
    """`interval`: seconds between two of the later samples; 0: all at once, whatever waits."""

    interval: float

    def wait(self, index: int, db: Database, stop: Event) -> bool:
        """Wait until the sample of this index may start. Returns False if `stop` is set."""
        if not self.interval:
            return not stop.is_set()
        if index >= AT_ONCE and stop.wait(self.interval):
            return False
        while _is_any_waiting(db):
            if stop.wait(_POLL_INTERVAL):
                return False
        return not stop.is_set()


def pace_over(minutes: float, samples: int) -> Pace:
    """Return the pace at which so many samples take so many minutes."""
    return Pace(interval=minutes * _MINUTE / max(1, samples - AT_ONCE))


def _is_any_waiting(db: Database) -> bool:
    with db.reading() as tx:
        return job_queries.count_pending(tx, at_most=1) > 0
