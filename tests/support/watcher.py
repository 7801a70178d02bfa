"""A follower over a bad network, and a check of its store after every change."""

from collections.abc import Mapping

from etl_monitor.client import EtlClient
from etl_monitor.feed.follower import Follower
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job
from tests.support.bad_network import BadNetwork
from tests.support.metric_values import values_by_label

SILENCE = 5.0  # seconds; heartbeats come every 0.05, also from a very busy machine
TIMEOUT = 60.0  # seconds


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
        # Collected, as an exception of a subscriber is only logged.
        self.reversals: list[tuple[Job, Job]] = []
        self.repeated_versions: list[tuple[int, int]] = []  # versions that did not grow
        self._last = self.store.snapshot()
        self.store.subscribe(self._check)
        self.follower.connect()

    def events(self) -> int:
        """Return the number of events so far."""
        return self.store.snapshot().counters.events

    def until_past(self, position: int) -> None:
        """Wait for a later position, of a back end that numbers its events."""

        def is_past(seen: Snapshot) -> bool:
            return int(seen.position or 0) > position

        assert self.follower.wait_until(is_past, TIMEOUT), self.store.snapshot().connection

    def until_equal(self, jobs: Mapping[str, Job], fields: set[str]) -> None:
        expected = _of(jobs, fields)

        def is_equal(seen: Snapshot) -> bool:
            return seen.connection.is_live and _of(seen.jobs, fields) == expected

        assert self.follower.wait_until(is_equal, TIMEOUT), self._differences(expected, fields)

    def close(self) -> None:
        """Stop, and assert that no job ever went back."""
        assert self.follower.stop()
        self.client.close()
        assert (self.reversals, self.repeated_versions) == ([], [])

    def assert_counted(self, network: BadNetwork, resets: int) -> None:
        """Assert that exactly the breaks, losses and repetitions of the network were noticed, for a
        back end that numbers its events."""
        counters = self.store.snapshot().counters
        lost, spoilt = network.did["lose"], network.did["spoil"]
        numbers = (counters, network.sent, resets, network.did)
        assert counters.events == network.sent + resets, numbers
        assert counters.reconnects == network.breaks
        assert sum(values_by_label(self.follower.metrics.reconnects).values()) == network.breaks
        assert counters.duplicates == network.did["repeat"]
        assert (counters.gaps, counters.malformed) == (lost, spoilt)
        assert counters.resyncs == lost + spoilt + resets
        assert (counters.late, counters.unknown) == (0, 0)

    def _differences(self, expected: dict[str, object], fields: set[str]) -> object:
        """Return the connection, and each job that differs: as it is, and as expected."""
        snapshot = self.store.snapshot()
        shown = _of(snapshot.jobs, fields)
        differing = [i for i in shown.keys() | expected.keys() if shown.get(i) != expected.get(i)]
        return snapshot.connection, [(shown.get(i), expected.get(i)) for i in differing]

    def _check(self) -> None:
        before, self._last = self._last, self.store.snapshot()
        if self._last.version <= before.version:
            self.repeated_versions.append((before.version, self._last.version))
        for job_id, new in self._last.jobs.items():
            old = before.jobs.get(job_id)
            if old is not None and old is not new and went_back(old, new):
                self.reversals.append((old, new))


def went_back(old: Job, new: Job) -> bool:
    """Return whether a job went back. One that was created again, or a higher attempt, may."""
    if old.created_at != new.created_at or new.attempt > old.attempt:
        return False
    ended = old.status.is_final and new.status is not old.status
    return ended or new.progress < old.progress


def _of(jobs: Mapping[str, Job], fields: set[str]) -> dict[str, object]:
    return {job_id: job.model_dump(include=fields) for job_id, job in jobs.items()}
