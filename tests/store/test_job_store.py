"""What the store applies, keeps within bounds, and tells its subscribers."""

import sys
import threading
from datetime import timedelta

import pytest

from etl_monitor.events import FeedEvent, FeedReset, Malformed, Unknown
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.store.job_store import Counters, JobStore, MergeOutcome
from etl_monitor.wire.job import Job
from tests.store.stores import ended, job, store_with
from tests.support.job_events import START, partial, whole


def test_unknown_and_malformed_events_are_counted_and_skipped() -> None:
    store = JobStore()
    store.replace([], "1")
    assert store.apply(Unknown(name="x"), "2") is MergeOutcome.UNKNOWN
    assert store.apply(Malformed(name="x", problem="y"), "3") is MergeOutcome.MALFORMED
    assert store.apply(FeedReset(), "") is MergeOutcome.RESET
    assert store.position == "3"
    assert store.snapshot().counters == Counters(events=3, unknown=1, malformed=1)


def test_a_list_replaces_everything() -> None:
    store = store_with(whole("a"), whole("b"), partial("b", status="failed"))
    store.replace([Job(job_id="c")], "7")
    assert set(store.snapshot().jobs) == {"c"}
    assert store.snapshot().loaded
    assert store.position == "7"


def test_an_active_job_that_a_limited_list_does_not_name_stays_as_incomplete() -> None:
    store = store_with(whole("a"), whole("b"), partial("b", status="failed"))
    store.replace([Job(job_id="c")], "7", complete=False)
    assert set(store.snapshot().jobs) == {"a", "c"}
    assert store.snapshot().incomplete == {"a"}


def test_finished_jobs_are_bounded_and_the_oldest_are_removed() -> None:
    store = JobStore(finished_limit=3)
    store.replace([ended(n) for n in (3, 1, 2, 0)] + [Job(job_id="active")])
    assert set(store.snapshot().jobs) == {"active", "1", "2", "3"}
    store.apply(partial("active", status="completed", finished_at=START + timedelta(hours=1)))
    assert set(store.snapshot().jobs) == {"active", "2", "3"}


def test_memory_is_bounded_and_the_oldest_are_removed() -> None:
    store = JobStore(bytes_limit=100_000)
    long = "오류 " * 5_000
    for n in range(20):
        store.apply(whole(str(n), status="failed", error_message=long), str(n + 1))
        assert store.bytes <= 100_000
    stored = set(store.snapshot().jobs)
    assert "19" in stored
    assert len(stored) < 10
    store.replace([ended(n, error_message=long) for n in range(20)] + [Job(job_id="active")])
    assert store.bytes <= 100_000
    assert {"active", "19"} <= set(store.snapshot().jobs)


def test_active_jobs_stay_whatever_their_size() -> None:
    store = JobStore(bytes_limit=100_000)
    store.replace([Job(job_id=str(n), title="x" * 10_000) for n in range(20)] + [ended(30)])
    assert len(store.snapshot().running) == 20
    assert store.snapshot().finished == ()


def test_a_link_gives_a_job_its_test() -> None:
    store = store_with(whole("a"))
    store.link("a", "t1")
    store.link("b", "t2")
    store.apply(whole("b"))
    assert dict(store.snapshot().active_by_test) == {"t1": "a", "t2": "b"}
    store.replace([Job(job_id="a"), Job(job_id="b")])
    assert dict(store.snapshot().active_by_test) == {"t1": "a", "t2": "b"}


def test_a_jobs_own_test_takes_precedence_over_a_link() -> None:
    store = store_with(whole("a", test_id="own"))
    store.link("a", "linked")
    assert job(store).test_id == "own"


def test_links_are_bounded_and_the_oldest_are_removed() -> None:
    store = JobStore()
    for n in range(10_001):
        store.link(str(n), f"test-{n}")
    store.replace([Job(job_id="0"), Job(job_id="1"), Job(job_id="10000")])
    assert dict(store.snapshot().active_by_test) == {"test-1": "1", "test-10000": "10000"}


def test_subscribers_are_called_for_visible_changes_only() -> None:
    store = store_with(whole())
    received: list[int] = []
    unsubscribe = store.subscribe(lambda: received.append(store.snapshot().version))
    store.apply(partial(progress=5))
    store.apply(partial(progress=5))
    store.mark_received(START, event=True)
    store.set_connection(Connection(state=ConnectionState.LIVE, last_received_at=START))
    store.set_connection(Connection(state=ConnectionState.LIVE))
    unsubscribe()
    store.apply(partial(progress=6))
    assert len(received) == 2
    assert received == sorted(set(received))


def test_the_times_of_received_bytes_and_events_are_recorded() -> None:
    store = JobStore()
    store.mark_received(START)
    assert store.snapshot().connection.last_received_at == START
    assert store.snapshot().connection.last_event_at is None
    store.mark_received(START, event=True)
    assert store.snapshot().connection.last_event_at == START


def test_a_failing_subscriber_does_not_affect_others(caplog: pytest.LogCaptureFixture) -> None:
    store = JobStore()
    received = threading.Event()
    store.subscribe(lambda: 1 // 0)  # type: ignore[arg-type]
    store.subscribe(received.set)
    store.apply(whole())
    assert received.is_set()
    assert "subscriber" in caplog.text


def test_a_subscriber_may_use_the_store() -> None:
    """No lock is held: another thread may use the store while a subscriber runs."""
    store = JobStore()
    seen: list[int] = []

    def read_in_a_thread() -> None:
        thread = threading.Thread(target=lambda: seen.append(len(store.snapshot().jobs)))
        thread.start()
        thread.join(10)

    store.subscribe(read_in_a_thread)
    store.apply(whole())
    assert seen == [1]


def test_concurrent_writers_and_readers() -> None:
    store = JobStore()
    versions: list[list[int]] = []

    def write(name: int) -> None:
        for n in range(200):
            store.apply(whole(f"{name}-{n}"))

    def read() -> None:
        versions.append([store.snapshot().version for _ in range(500)])

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    threads += [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(store.snapshot().jobs) == 800
    assert all(seen == sorted(seen) for seen in versions)


def test_subscribers_are_called_once_for_events_that_arrived_together() -> None:
    store = store_with(whole(status="running"))
    received: list[int] = []
    store.subscribe(lambda: received.append(job(store).progress))
    store.apply_all([(partial(progress=number), "") for number in (1, 2, 3)])
    assert received == [3]
    assert store.snapshot().counters.events == 4


def test_nothing_after_an_event_that_needs_a_list_is_applied() -> None:
    store = store_with(whole(status="running"))
    events: list[FeedEvent] = [
        partial(progress=1),
        Malformed(name="job_progress", problem=""),
        partial(progress=2),
    ]
    outcomes = store.apply_all([(event, "") for event in events])
    assert outcomes == [MergeOutcome.APPLIED, MergeOutcome.MALFORMED]
    assert job(store).progress == 1
    assert store.snapshot().counters == Counters(events=3, malformed=1)


def test_the_fields_of_a_job_take_less_than_a_kilobyte() -> None:
    assert sys.getsizeof(vars(Job.of_fields({"job_id": "a"}))) < 1000
