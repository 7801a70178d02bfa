"""A follower over a bad network, and an eye on its store that never blinks."""

from collections.abc import Mapping

from etl_monitor.client import EtlClient
from etl_monitor.feed.follower import Follower
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job
from tests.support.bad_network import BadNetwork
from tests.support.metric_values import values_by_label

SILENCE = 5.0  # seconds; heartbeats come every 0.05, also from a very busy machine
WAITS = 60.0


class Watcher:
    def __init__(self, address: str, token: str | None = None) -> None:
        self.store = JobStore()
        self.client = EtlClient(address, token, timeout=(5, 5))
        self.follower = Follower(
            self.client,
            self.store,
            reconnect_interval=0.002,
            max_reconnect_attempts=10_000,
            silence=SILENCE,
        )
        # Collected, as what a subscriber raises is logged and goes no further.
        self.flips: list[tuple[Job, Job]] = []
        self.stood_still: list[tuple[int, int]] = []  # versions that did not grow
        self._last = self.store.snapshot()
        self.store.subscribe(self._look)
        self.follower.connect()

    def events(self) -> int:
        """How many came so far."""
        return self.store.snapshot().counters.events

    def until_past(self, position: int) -> None:
        """Of a back end that numbers its events."""

        def is_past(seen: Snapshot) -> bool:
            return int(seen.position or 0) > position

        assert self.follower.wait_until(is_past, WAITS), self.store.snapshot().connection

    def until_equal(self, jobs: Mapping[str, Job], fields: set[str]) -> None:
        known = _of(jobs, fields)

        def is_equal(seen: Snapshot) -> bool:
            return seen.connection.is_live and _of(seen.jobs, fields) == known

        assert self.follower.wait_until(is_equal, WAITS), self.store.snapshot()

    def close(self) -> None:
        """The end: nothing may ever have gone back."""
        assert self.follower.stop()
        self.client.close()
        assert (self.flips, self.stood_still) == ([], [])

    def assert_counted(self, network: BadNetwork, resets: int) -> None:
        """Every break, loss and repetition was noticed as what it was, and none that was none, of
        a back end that numbers its events."""
        counters = self.store.snapshot().counters
        lost, spoilt = network.did["lose"], network.did["spoil"]
        assert counters.events == network.sent + resets
        assert counters.reconnects == network.breaks
        assert sum(values_by_label(self.follower.metrics.reconnects).values()) == network.breaks
        assert counters.duplicates == network.did["repeat"]
        assert (counters.gaps, counters.malformed) == (lost, spoilt)
        assert counters.resyncs == lost + spoilt + resets
        assert (counters.late, counters.unknown) == (0, 0)

    def _look(self) -> None:
        before, self._last = self._last, self.store.snapshot()
        if self._last.version <= before.version:
            self.stood_still.append((before.version, self._last.version))
        for job_id, new in self._last.jobs.items():
            old = before.jobs.get(job_id)
            if old is not None and old is not new and went_back(old, new):
                self.flips.append((old, new))


def went_back(old: Job, new: Job) -> bool:
    """A job that was removed and made anew, or a higher attempt, begins anew."""
    if old.created_at != new.created_at or new.attempt > old.attempt:
        return False
    ended = old.status.is_final and new.status is not old.status
    return ended or new.progress < old.progress


def _of(jobs: Mapping[str, Job], fields: set[str]) -> dict[str, object]:
    return {job_id: job.model_dump(include=fields) for job_id, job in jobs.items()}
