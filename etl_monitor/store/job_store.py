"""The known jobs, in one place for the whole process.

The follower writes; pages, charts and tests take snapshots. `job_merge.py` has the rules by which
an update changes a job; this module decides which events count: a position not beyond the last one
is a duplicate, and one that skips a position is a gap. What comes after a gap is not applied: an
event before it is missing, so that only a list helps.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from etl_monitor.events import FeedEvent, FeedReset, JobRemoved, JobUpdate, Malformed
from etl_monitor.store.change_times import ChangeTimes
from etl_monitor.store.connection_status import Connection
from etl_monitor.store.job_merge import JobMerge, MergeOutcome
from etl_monitor.store.job_views import JobsById
from etl_monitor.store.positions import Positions
from etl_monitor.store.snapshot import Counters, Snapshot
from etl_monitor.wire.job import Job
from etl_monitor.wire.reading import SentFields

__all__ = ["Counters", "JobStore", "MergeOutcome", "Snapshot"]

_log = logging.getLogger(__name__)

_COUNTER_OF = {
    MergeOutcome.DUPLICATE: "duplicates",
    MergeOutcome.LATE: "late",
    MergeOutcome.UNKNOWN: "unknown",
    MergeOutcome.MALFORMED: "malformed",
    MergeOutcome.GAP: "gaps",
}
NEED_LIST = (MergeOutcome.GAP, MergeOutcome.RESET, MergeOutcome.MALFORMED)
"""Outcomes after which only a list shows what is missing."""


class JobStore:
    """Thread-safe.

    Subscribers are called without arguments after every visible change, in the thread that made it
    and with no lock held. They must be quick; an exception of theirs is logged and has no effect.
    """

    def __init__(
        self,
        *,
        active_limit: int = 20_000,
        finished_limit: int = 2000,
        bytes_limit: int = 64_000_000,
    ) -> None:
        """Of the active jobs the newest are stored: at most `active_limit`, in about four times
        `bytes_limit`. Of the finished jobs those that ended last: at most `finished_limit`, and as
        many as fit into about `bytes_limit` besides the active ones."""
        self._lock = threading.Lock()
        self._merge = JobMerge(
            active_limit=active_limit, finished_limit=finished_limit, bytes_limit=bytes_limit
        )
        self._subscribers: dict[object, Callable[[], None]] = {}
        self._positions = Positions()
        self._loaded = False
        self._connection = Connection()
        self._connection_version = 0
        self._counts: dict[str, int] = {}
        self._changes = ChangeTimes()
        self._snapshot = Snapshot()  # the last one taken
        self._is_snapshot_current = True

    def snapshot(self) -> Snapshot:
        """Return the current state. Costs as much as changed since the last one."""
        with self._lock:
            if not self._is_snapshot_current:
                self._snapshot = self._take_snapshot()
                self._is_snapshot_current = True
            return self._snapshot

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after every visible change; return a function that ends this."""
        key = object()
        with self._lock:
            self._subscribers = self._subscribers | {key: callback}

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers = {k: c for k, c in self._subscribers.items() if k is not key}

        return unsubscribe

    def apply(self, event: FeedEvent, position: str = "") -> MergeOutcome:
        """Apply one event. `position`: its id; empty if the back end numbers nothing."""
        return self.apply_all([(event, position)])[0]

    def apply_all(self, events: Iterable[tuple[FeedEvent, str]]) -> list[MergeOutcome]:
        """Apply events with their positions at once, up to the first one after which only a list
        helps; return an outcome for each that was applied or ended it."""
        with self._lock:
            version, outcomes = self._version, []
            for event, position in events:
                outcome = self._apply(event, position)
                outcomes.append(outcome)
                if outcome is not MergeOutcome.APPLIED and outcome in NEED_LIST:
                    break
            self._count_outcomes(outcomes)
            is_changed = self._version != version
            if is_changed:
                self._changes.record(self._version)
        self._notify_if(is_changed)
        return outcomes

    def replace(self, jobs: Iterable[Job], position: str = "", *, complete: bool = True) -> None:
        """Replace all jobs by a list that includes every event up to `position`.

        Afterwards the store holds exactly the jobs of the list. If it is not `complete` (it names
        every active job, but not every finished one), active jobs that it does not name stay, as
        `incomplete`.
        """
        with self._lock:
            self._merge.replace(jobs, complete=complete)
            self._positions.set(position)
            self._loaded = True
            self._is_snapshot_current = False
        self._notify_if(True)

    def resolve(self, job_id: str, job: Job | None) -> None:
        """Store the service's current state of a job; None: the service has no such job."""
        with self._lock:
            self._merge.resolve(job_id, job)
            self._is_snapshot_current = False
        self._notify_if(True)

    def link(self, job_id: str, test_id: str) -> None:
        """Record a job's test, for back ends whose jobs do not name it. A job's own field wins."""
        with self._lock:
            version = self._version
            self._merge.link(job_id, test_id)
            is_changed = self._version != version
            self._is_snapshot_current = self._is_snapshot_current and not is_changed
        self._notify_if(is_changed)

    def set_connection(self, connection: Connection) -> None:
        with self._lock:
            is_changed = not connection.same_state(self._connection)
            self._connection = connection
            self._connection_version += is_changed
            self._is_snapshot_current = False
        self._notify_if(is_changed)

    def mark_received(self, at: datetime, *, event: bool = False) -> None:
        """Record when bytes of the feed arrived. Subscribers are not called: pages count the time
        since then by themselves."""
        with self._lock:
            last_event_at = at if event else self._connection.last_event_at
            self._connection = replace(
                self._connection, last_received_at=at, last_event_at=last_event_at
            )
            self._is_snapshot_current = False

    def count(self, counter: str) -> None:
        """Increment a counter of the follower: `resyncs` or `reconnects`."""
        with self._lock:
            self._count(counter)

    def changed_between(self, older: int, newer: int) -> float | None:
        """Return when an event first changed something between snapshots of these two versions, in
        seconds of `time.monotonic`; None if no event did."""
        return self._changes.first_between(older, newer)

    @property
    def incomplete(self) -> tuple[str, ...]:
        """The ids of jobs of which only a part is known."""
        with self._lock:
            return tuple(self._merge.incomplete)

    @property
    def has_room(self) -> bool:
        """Whether a list would bring back many of the active jobs that were left out."""
        return self._merge.has_room

    @property
    def bytes(self) -> int:
        """The approximate memory of the jobs."""
        return self._merge.bytes

    @property
    def position(self) -> str:
        return self._positions.last

    @property
    def connection(self) -> Connection:
        return self._connection

    def _apply(self, event: FeedEvent, position: str) -> MergeOutcome:
        if isinstance(event, FeedReset):
            return MergeOutcome.RESET
        problem = self._positions.take(position)
        if problem is not None:
            return problem
        if isinstance(event, SentFields):
            outcome = self._merge.apply_progress(event)
        elif isinstance(event, JobUpdate):
            outcome = self._merge.apply_update(event)
        elif isinstance(event, JobRemoved):
            outcome = self._merge.remove(event.job_id)
        else:
            is_malformed = isinstance(event, Malformed)
            return MergeOutcome.MALFORMED if is_malformed else MergeOutcome.UNKNOWN
        # With a position of its own, an event that changes nothing is not a repetition.
        is_new = outcome is MergeOutcome.DUPLICATE and position
        return MergeOutcome.APPLIED if is_new else outcome

    @property
    def _version(self) -> int:
        return self._merge.version + self._connection_version

    def _count_outcomes(self, outcomes: list[MergeOutcome]) -> None:
        self._count("events", len(outcomes))
        for outcome in outcomes:
            if outcome is not MergeOutcome.APPLIED and outcome in _COUNTER_OF:
                self._count(_COUNTER_OF[outcome])

    def _count(self, counter: str, number: int = 1) -> None:
        self._counts[counter] = self._counts.get(counter, 0) + number
        self._is_snapshot_current = False

    def _take_snapshot(self) -> Snapshot:
        jobs, index = self._merge.freeze()
        return Snapshot(
            version=self._version,
            status_version=self._merge.status_version,
            jobs=JobsById(jobs),
            index=index,
            incomplete=frozenset(self._merge.incomplete),
            active_left_out=self._merge.active_left_out,
            position=self._positions.last,
            loaded=self._loaded,
            connection=self._connection,
            counters=Counters(**self._counts),
        )

    def _notify_if(self, is_changed: bool) -> None:
        for callback in self._subscribers.values() if is_changed else ():
            try:
                callback()
            except Exception:  # noqa: BLE001  # a page's mistake must not end the feed
                _log.exception("subscriber_failed")
