"""What is known of the jobs, in one place for the whole process.

The follower writes; pages, charts and tests take snapshots. `ledger.py` has the rules by which news
changes a job; here is which news counts at all: a position not beyond the last one is a duplicate,
and one that skips a position is a gap. What comes after a gap is not applied: something before it
is missing, so that only a list helps.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from etl_monitor.events import FeedEvent, FeedReset, JobRemoved, JobUpdate, Malformed
from etl_monitor.store.change_times import ChangeTimes
from etl_monitor.store.connection_status import Connection
from etl_monitor.store.job_merge import Ledger, MergeOutcome
from etl_monitor.store.snapshot import Counters, Snapshot
from etl_monitor.wire.job import Job

__all__ = ["Counters", "JobStore", "MergeOutcome", "Snapshot"]

_log = logging.getLogger(__name__)

_COUNTED = {
    MergeOutcome.DUPLICATE: "duplicates",
    MergeOutcome.LATE: "late",
    MergeOutcome.UNKNOWN: "unknown",
    MergeOutcome.MALFORMED: "malformed",
    MergeOutcome.GAP: "gaps",
}


class JobStore:
    """Safe to use from any thread.

    Subscribers are called without arguments after every visible change, in whichever thread made
    it and with no lock held. They must be quick; what they raise is logged and ends nothing.
    """

    def __init__(self, *, finished_limit: int = 2000, bytes_limit: int = 64_000_000) -> None:
        """Of the finished jobs those that ended last are kept: at most `finished_limit`, and as
        many as there is room for in `bytes_limit`, about, next to the active ones."""
        self._lock = threading.Lock()
        self._ledger = Ledger(finished_limit=finished_limit, bytes_limit=bytes_limit)
        self._subscribers: dict[object, Callable[[], None]] = {}
        self._position = ""
        self._loaded = False
        self._connection = Connection()
        self._connection_version = 0
        self._counts: dict[str, int] = {}
        self._changes = ChangeTimes()
        self._seen = Snapshot()  # the last one that somebody took
        self._is_seen = True  # and whether nothing at all changed since

    def snapshot(self) -> Snapshot:
        """The newest truth. A look after any number of changes costs one copy; without: nothing."""
        with self._lock:
            if not self._is_seen:
                self._seen = self._look()
                self._is_seen = True
            return self._seen

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Returns what ends the subscription."""
        key = object()
        with self._lock:
            self._subscribers = self._subscribers | {key: callback}

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = {k: c for k, c in self._subscribers.items() if k is not key}

        return unsubscribe

    def apply(self, event: FeedEvent, position: str = "") -> MergeOutcome:
        """Take one event. `position`: its id; empty where the back end numbers nothing."""
        with self._lock:
            before = self._version
            outcome = self._take(event, position)
            self._add("events")
            if outcome in _COUNTED:
                self._add(_COUNTED[outcome])
            changed = self._version != before
            if changed:
                self._changes.note(self._version)
        self._tell_if(changed)
        return outcome

    def replace(self, jobs: Iterable[Job], position: str = "", *, complete: bool = True) -> None:
        """Take a list that includes every event up to `position`.

        Afterwards the store holds exactly what the list does. A list that is not `complete` (it
        names every active job, but not every finished one) leaves active jobs that it does not name
        in place, as `incomplete`.
        """
        with self._lock:
            self._ledger.replace(jobs, complete=complete)
            self._position, self._loaded = position, True
            self._is_seen = False
        self._tell_if(True)

    def resolve(self, job_id: str, job: Job | None) -> None:
        """Take the service's own word on one job; None: it knows no such job."""
        with self._lock:
            self._ledger.resolve(job_id, job)
            self._is_seen = False
        self._tell_if(True)

    def link(self, job_id: str, test_id: str) -> None:
        """Say which test a job is of, for back ends whose jobs do not; a job's own word wins."""
        with self._lock:
            before = self._version
            self._ledger.link(job_id, test_id)
            changed = self._version != before
            self._is_seen = self._is_seen and not changed
        self._tell_if(changed)

    def set_connection(self, connection: Connection) -> None:
        with self._lock:
            changed = not connection.same_state(self._connection)
            self._connection = connection
            self._connection_version += changed
            self._is_seen = False
        self._tell_if(changed)

    def mark_received(self, at: datetime, *, event: bool = False) -> None:
        """Note a sign of life of the feed. Nobody is told: ages grow by themselves on a page."""
        with self._lock:
            last_event_at = at if event else self._connection.last_event_at
            self._connection = replace(
                self._connection, last_received_at=at, last_event_at=last_event_at
            )
            self._is_seen = False

    def count(self, counter: str) -> None:
        """One more of what the follower counts: `resyncs`, `reconnects`."""
        with self._lock:
            self._add(counter)

    def changed_between(self, older: int, newer: int) -> float | None:
        """When the first event changed something between snapshots of these two versions, in
        seconds of `time.monotonic`; None: none did."""
        return self._changes.first_between(older, newer)

    @property
    def bytes(self) -> int:
        """What the jobs take in memory, about."""
        return self._ledger.bytes

    @property
    def position(self) -> str:
        return self._position

    @property
    def connection(self) -> Connection:
        return self._connection

    def _take(self, event: FeedEvent, position: str) -> MergeOutcome:
        if isinstance(event, FeedReset):
            return MergeOutcome.RESET
        misplaced = _misplaced(self._position, position)
        if misplaced:
            return misplaced
        self._position = position or self._position
        outcome = self._enter(event)
        # Under a position of its own, news that changes nothing is no repetition.
        return MergeOutcome.APPLIED if position and outcome is MergeOutcome.DUPLICATE else outcome

    def _enter(self, event: FeedEvent) -> MergeOutcome:
        if isinstance(event, JobUpdate):
            return self._ledger.tell(event.job, whole=event.whole)
        if isinstance(event, JobRemoved):
            return self._ledger.remove(event.job_id)
        return MergeOutcome.MALFORMED if isinstance(event, Malformed) else MergeOutcome.UNKNOWN

    @property
    def _version(self) -> int:
        return self._ledger.version + self._connection_version

    def _add(self, counter: str) -> None:
        self._counts[counter] = self._counts.get(counter, 0) + 1
        self._is_seen = False

    def _look(self) -> Snapshot:
        return Snapshot(
            version=self._version,
            status_version=self._ledger.status_version,
            jobs=MappingProxyType(dict(self._ledger.jobs)),
            incomplete=frozenset(self._ledger.incomplete),
            position=self._position,
            loaded=self._loaded,
            connection=self._connection,
            counters=Counters(**self._counts),
        )

    def _tell_if(self, changed: bool) -> None:
        for callback in self._subscribers.values() if changed else ():
            try:
                callback()
            except Exception:  # noqa: BLE001  # a page's mistake must not end the feed
                _log.exception("subscriber_failed")


def _misplaced(last: str, position: str) -> MergeOutcome | None:
    """Why an event at `position` does not come next after `last`; None: it does, or who knows."""
    if not position or not last:
        return None
    if position == last:
        return MergeOutcome.DUPLICATE
    last_number, number = _number(last), _number(position)
    if last_number is None or number is None:
        return None
    if number < last_number:
        return MergeOutcome.DUPLICATE
    return MergeOutcome.GAP if number > last_number + 1 else None


def _number(position: str) -> int | None:
    return (
        int(position) if position.isascii() and position.isdigit() and len(position) < 20 else None
    )
