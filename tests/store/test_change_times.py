"""The times of changes, found by the versions between which they were made."""

import time

from etl_monitor.store.change_times import ChangeTimes
from etl_monitor.store.job_store import JobStore
from tests.support.job_events import whole


def test_the_oldest_change_between_two_versions() -> None:
    changes = ChangeTimes()
    times = [time.monotonic()]
    for version in (3, 4, 7):
        changes.record(version)
        times.append(time.monotonic())
    first, second = changes.first_between(0, 7), changes.first_between(3, 7)
    assert first is not None
    assert second is not None
    assert times[0] <= first <= times[1] <= second <= times[2]
    assert changes.first_between(4, 6) is None
    assert changes.first_between(7, 7) is None


def test_memory_is_bounded() -> None:
    changes = ChangeTimes()
    for version in range(10_000):
        changes.record(version)
    assert changes.first_between(0, 10) is None
    assert changes.first_between(0, 9_999) is not None


def test_a_store_records_when_events_change_something() -> None:
    store = JobStore()
    before = store.snapshot().version
    store.apply(whole("a"), "1")
    after = store.snapshot().version
    assert store.changed_between(before, after) is not None
    store.apply(whole("a"), "1")  # a duplicate changes nothing
    assert store.changed_between(after, store.snapshot().version) is None
