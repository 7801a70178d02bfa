import operator
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl_monitor.events import FeedEvent, FeedReset, JobRemoved, Malformed, Unknown
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.store.job_store import Counters, JobStore, MergeOutcome, Snapshot
from etl_monitor.wire.job import Job, JobStatus
from tests.support.job_events import START, Service, partial, whole

NEVER = datetime.min.replace(tzinfo=UTC)


def store_with(*events: Any) -> JobStore:
    store = JobStore()
    for event in events:
        store.apply(event)
    return store


def job(store: JobStore, job_id: str = "a") -> Job:
    return store.snapshot().jobs[job_id]


# Updates of a job


def test_partial_updates_are_merged() -> None:
    store = store_with(
        whole(title="March"), partial(status="running", progress=10), partial(current_step="score")
    )
    assert job(store).title == "March"
    assert (job(store).status, job(store).progress) == (JobStatus.RUNNING, 10)
    assert job(store).current_step == "score"


def test_a_partial_update_of_an_unknown_job_is_stored_as_incomplete() -> None:
    store = JobStore()
    assert store.apply(partial(progress=10, status="running")) is MergeOutcome.INCOMPLETE
    assert store.snapshot().incomplete == {"a"}
    assert job(store).progress == 10
    store.resolve("a", Job(job_id="a", status=JobStatus.RUNNING, progress=20, title="March"))
    assert store.snapshot().incomplete == frozenset()
    assert job(store).title == "March"


def test_an_incomplete_job_that_the_service_does_not_have_is_removed() -> None:
    store = store_with(partial(progress=10))
    store.resolve("a", None)
    assert not store.snapshot().jobs
    assert not store.snapshot().incomplete


def test_a_whole_update_completes_an_incomplete_job() -> None:
    store = store_with(partial(progress=10, status="running"), whole(status="running", progress=11))
    assert store.snapshot().incomplete == frozenset()


@pytest.mark.parametrize("final", ["completed", "failed", "cancelled"])
@pytest.mark.parametrize(
    "late",
    [
        partial(progress=99),
        partial(status="running"),
        partial(status="completed", progress=100),
        partial(status="failed", error_message="late"),
        partial(status="cancelled"),
        partial(heartbeat_at=START),
        whole(status="running", progress=50),
    ],
)
def test_a_final_state_never_changes(final: str, late: Any) -> None:
    store = store_with(whole(), partial(status=final, finished_at=START))
    before = store.snapshot()
    assert store.apply(late) is MergeOutcome.LATE
    assert store.snapshot().jobs == before.jobs
    assert store.snapshot().version == before.version
    assert store.snapshot().counters.late == 1


def test_a_whole_update_with_the_same_final_state_is_applied() -> None:
    store = store_with(whole(), partial(status="failed"))
    store.apply(whole(status="failed", error_message="no rows"))
    assert job(store).error_message == "no rows"


@pytest.mark.parametrize(
    "late",
    [
        partial(progress=49, current_step="old"),
        partial(status="running", progress=49),
        partial(status="pending"),
        whole(),
    ],
)
def test_status_and_progress_never_go_back(late: Any) -> None:
    store = store_with(whole(), partial(status="running", progress=50))
    assert store.apply(late) is MergeOutcome.LATE
    assert (job(store).progress, job(store).status) == (50, JobStatus.RUNNING)


def test_a_failure_may_have_less_progress() -> None:
    store = store_with(whole(), partial(status="running", progress=50))
    assert store.apply(partial(status="failed", progress=0)) is MergeOutcome.APPLIED


def test_a_higher_attempt_starts_over_and_a_lower_one_is_late() -> None:
    store = store_with(whole(), partial(status="failed", progress=50))
    store.apply(partial(status="running", progress=1, attempt=2))
    assert (job(store).status, job(store).progress) == (JobStatus.RUNNING, 1)
    assert store.apply(partial(status="failed", attempt=1)) is MergeOutcome.LATE


def test_a_job_that_was_requeued_starts_over() -> None:
    store = store_with(whole(), partial(status="running", progress=50))
    requeued = partial(status="pending", progress=0, restarts=1)
    assert store.apply(requeued) is MergeOutcome.APPLIED
    assert (job(store).status, job(store).progress) == (JobStatus.PENDING, 0)
    assert store.apply(partial(status="running", progress=50, restarts=0)) is MergeOutcome.LATE
    store.apply(partial(status="running", progress=1))
    assert store.apply(partial(status="completed", progress=100)) is MergeOutcome.APPLIED
    assert store.apply(requeued) is MergeOutcome.LATE, "a final state never changes"


def test_a_job_that_no_longer_waits_has_no_place_in_the_queue() -> None:
    store = store_with(whole(status="pending", queue_position=2, expected_start=START))
    store.apply(partial(title="April"))
    assert job(store).queue_position == 2
    store.apply(partial(status="running", progress=1))
    assert (job(store).queue_position, job(store).expected_start) == (None, None)


def test_a_removed_job_is_gone() -> None:
    store = store_with(whole(), JobRemoved(job_id="a"))
    assert not store.snapshot().jobs


def test_removing_an_unknown_job_changes_nothing() -> None:
    store = store_with(whole())
    version = store.snapshot().version
    assert store.apply(JobRemoved(job_id="b")) is MergeOutcome.DUPLICATE
    assert store.snapshot().version == version


# Positions


def test_a_position_not_beyond_the_last_is_a_duplicate() -> None:
    store = JobStore()
    store.replace([], "10")
    store.apply(whole(), "11")
    assert store.apply(JobRemoved(job_id="a"), "11") is MergeOutcome.DUPLICATE
    assert store.apply(JobRemoved(job_id="a"), "9") is MergeOutcome.DUPLICATE
    assert store.snapshot().counters == Counters(events=3, duplicates=2)
    assert "a" in store.snapshot().jobs


def test_positions_are_compared_as_numbers() -> None:
    store = JobStore()
    store.replace([], "9")
    assert store.apply(whole(), "10") is MergeOutcome.APPLIED


def test_a_skipped_position_is_a_gap_and_changes_nothing() -> None:
    store = JobStore()
    store.replace([], "10")
    assert store.apply(whole(), "12") is MergeOutcome.GAP
    assert store.position == "10"
    assert not store.snapshot().jobs
    assert store.snapshot().counters.gaps == 1


def test_positions_that_are_not_numbers_are_compared_for_equality_only() -> None:
    store = JobStore()
    store.replace([], "k7")
    assert store.apply(whole(), "b2") is MergeOutcome.APPLIED
    assert store.apply(partial(progress=5), "b2") is MergeOutcome.DUPLICATE


def test_a_list_includes_every_event_up_to_its_position() -> None:
    store = JobStore()
    store.replace([Job(job_id="a", status=JobStatus.RUNNING, progress=50)], "20")
    assert store.apply(JobRemoved(job_id="a"), "20") is MergeOutcome.DUPLICATE
    assert store.apply(partial(progress=51), "21") is MergeOutcome.APPLIED


def test_a_list_may_have_an_earlier_position_than_ours() -> None:
    """The service has a new database."""
    store = JobStore()
    store.replace([], "5000")
    store.replace([], "3")
    assert store.apply(whole(), "4") is MergeOutcome.APPLIED


def test_without_positions_a_repetition_is_a_duplicate() -> None:
    store = store_with(whole(), partial(progress=5), partial(progress=5))
    assert store.snapshot().counters == Counters(events=3, duplicates=1)


def test_unknown_and_malformed_events_are_counted_and_skipped() -> None:
    store = JobStore()
    store.replace([], "1")
    assert store.apply(Unknown(name="x"), "2") is MergeOutcome.UNKNOWN
    assert store.apply(Malformed(name="x", problem="y"), "3") is MergeOutcome.MALFORMED
    assert store.apply(FeedReset(), "") is MergeOutcome.RESET
    assert store.position == "3"
    assert store.snapshot().counters == Counters(events=3, unknown=1, malformed=1)


# Lists


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


def ended(n: int, **fields: Any) -> Job:
    at = START + timedelta(minutes=n)
    return Job.model_validate({"job_id": str(n), "status": "failed", "finished_at": at, **fields})


# Links


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


# Snapshots


def test_a_snapshot_is_immutable() -> None:
    store = store_with(whole())
    before = store.snapshot()
    store.apply(partial(progress=5))
    store.apply(JobRemoved(job_id="a"))
    assert before.jobs["a"].progress == 0
    with pytest.raises(TypeError):
        before.jobs["b"] = Job(job_id="b")  # type: ignore[index]


def test_two_snapshots_without_a_change_are_one_object() -> None:
    store = store_with(whole())
    assert store.snapshot() is store.snapshot()
    assert store.snapshot().running is store.snapshot().running


def test_running_jobs_come_first_and_each_group_oldest_first() -> None:
    store = JobStore()
    for n, status in enumerate(["pending", "running", "pending", "running", "failed"]):
        store.apply(whole(str(n), status=status, created_at=START + timedelta(minutes=n)))
    assert [job.job_id for job in store.snapshot().running] == ["1", "3", "0", "2"]


def test_finished_jobs_come_newest_first() -> None:
    store = JobStore()
    store.replace([ended(1), ended(3), ended(2, finished_at=None, updated_at=START)])
    assert [job.job_id for job in store.snapshot().finished] == ["3", "1", "2"]


def test_counts_have_every_status() -> None:
    counts = store_with(whole("a"), whole("b"), partial("b", status="failed")).snapshot().counts
    assert counts[JobStatus.PENDING] == counts[JobStatus.FAILED] == 1
    assert counts[JobStatus.RUNNING] == 0


def test_the_newest_job_of_a_test_is_its_latest() -> None:
    store = store_with(
        whole("b", test_id="t", created_at=START),
        whole("a", test_id="t", created_at=START + timedelta(minutes=1), status="failed"),
    )
    assert dict(store.snapshot().latest_by_test) == {"t": "a"}
    assert dict(store.snapshot().active_by_test) == {"t": "b"}


def test_status_version_ignores_mere_progress() -> None:
    store = store_with(whole(), partial(status="running"))
    before = store.snapshot()
    store.apply(partial(progress=10))
    assert store.snapshot().version > before.version
    assert store.snapshot().status_version == before.status_version
    store.apply(partial(status="failed"))
    assert store.snapshot().status_version > before.status_version


# Subscribers


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


# Any order, repetition and loss

steps = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 59)), max_size=80)


def service_after(choices: list[tuple[str, int]]) -> Service:
    service = Service()
    for job_id, choice in choices:
        service.step(job_id, choice)
    return service


@given(steps)
def test_all_events_in_order_give_the_services_jobs(
    choices: list[tuple[str, int]],
) -> None:
    service, store = service_after(choices), JobStore()
    for position, event in enumerate(service.log, start=1):
        assert store.apply(event, str(position)) is MergeOutcome.APPLIED
    assert dict(store.snapshot().jobs) == service.jobs


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[Service, list[int]]:
    """Draw a service, and the positions of its events as a bad network delivers them."""
    service = service_after(draw(steps))
    if not service.log:
        return service, []
    return service, draw(st.lists(st.integers(1, len(service.log)), max_size=120))


@given(deliveries(), st.booleans())
@settings(max_examples=200)
def test_a_list_restores_the_services_jobs_after_any_order_repetition_and_loss(
    delivery: tuple[Service, list[int]], numbered: bool
) -> None:
    service, positions = delivery
    store = JobStore()
    for position in positions:
        before = store.snapshot()
        store.apply(service.log[position - 1], str(position) if numbered else "")
        assert_no_job_went_back(before.jobs, store.snapshot().jobs)
        assert_size_is_right(store)
    store.replace(service.jobs.values(), service.position)
    assert dict(store.snapshot().jobs) == service.jobs
    assert store.snapshot().counters.events == len(positions)
    assert_size_is_right(store)


def assert_size_is_right(store: JobStore) -> None:
    """The size that was summed up job by job is that of all jobs."""
    fresh = JobStore()
    fresh.replace(store.snapshot().jobs.values())
    assert store.bytes == fresh.bytes


def assert_no_job_went_back(before: Any, after: Any) -> None:
    for job_id in before.keys() & after.keys():
        old, new = before[job_id], after[job_id]
        if new.attempt > old.attempt:
            continue
        assert new.status is old.status or not old.status.is_final
        assert new.progress >= old.progress or new.status.is_final


@given(deliveries())
def test_numbered_events_and_a_list_at_each_gap_give_the_services_jobs(
    delivery: tuple[Service, list[int]],
) -> None:
    """The follower in short: no event is lost and none counts twice."""
    service, positions = delivery
    store = JobStore()
    store.replace([], "0")
    for position in [*positions, *range(1, len(service.log) + 1)]:
        if store.apply(service.log[position - 1], str(position)) is MergeOutcome.GAP:
            current = service_at(service, position)
            store.replace(current.jobs.values(), current.position)
    assert dict(store.snapshot().jobs) == service.jobs


def service_at(service: Service, position: int) -> Service:
    store = JobStore()
    for event in service.log[:position]:
        store.apply(event)
    return Service(jobs=dict(store.snapshot().jobs), log=service.log[:position])


@given(steps, st.data())
def test_old_events_after_a_list_change_nothing(
    choices: list[tuple[str, int]], data: st.DataObject
) -> None:
    service, store = service_after(choices), JobStore()
    store.replace(service.jobs.values(), service.position)
    for position in data.draw(st.lists(st.integers(1, max(1, len(service.log))), max_size=20)):
        if position <= len(service.log):
            assert store.apply(service.log[position - 1], str(position)) is MergeOutcome.DUPLICATE
    assert dict(store.snapshot().jobs) == service.jobs


# Events that arrived together


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


@given(st.lists(st.tuples(st.integers(1, 99), st.text(max_size=3), st.booleans()), max_size=20))
def test_a_snapshot_never_changes(updates: list[tuple[int, str, bool]]) -> None:
    store = store_with(whole(status="running"))
    taken = []
    for progress, message, is_looked_at in updates:
        store.apply(partial(progress=progress, error_message=message))
        if is_looked_at:
            seen = job(store)
            taken.append((seen, seen.model_copy()))
    assert all(seen == copy for seen, copy in taken)
    fresh = JobStore()
    fresh.replace([job(store)])
    assert store.bytes == fresh.bytes


def test_the_fields_of_a_job_take_less_than_a_kilobyte() -> None:
    assert sys.getsizeof(vars(Job.of_fields({"job_id": "a"}))) < 1000


# Orders and counts

_PLACES = st.fixed_dictionaries(
    {},
    optional={
        "test_id": st.sampled_from(["test-0", "test-1", None]),
        "user_id": st.sampled_from(["kim", "Lee", None]),
        "test_kind": st.sampled_from(["big_five", "riasec"]),
        "created_at": st.sampled_from([START, START + timedelta(hours=1)]),
        "promoted_at": st.sampled_from([START, START + timedelta(hours=1)]),
    },
)


@given(steps, st.sets(st.integers(0, 80)), st.lists(st.tuples(st.sampled_from("abcde"), _PLACES)))
def test_orders_and_counts_are_those_of_the_jobs(
    choices: list[tuple[str, int]],
    replaced_at: set[int],
    moves: list[tuple[str, dict[str, Any]]],
) -> None:
    service, store = service_after(choices), JobStore(active_limit=4, finished_limit=3)
    for position, event in enumerate(service.log, start=1):
        if position in replaced_at:
            store.replace(store.snapshot().jobs.values(), str(position - 1))
        store.apply(event, str(position))
        if position <= len(moves):
            job_id, changes = moves[position - 1]
            store.apply(partial(job_id, **changes))
        assert_orders_are_right(store.snapshot())
        assert_orders_are_right(Snapshot(jobs=store.snapshot().jobs))


def assert_orders_are_right(seen: Snapshot) -> None:
    jobs = list(seen.jobs.values())
    active = [job for job in jobs if job.status.is_active]
    ended = [job for job in jobs if job.status.is_final]
    assert seen.running == tuple(sorted(active, key=age))
    assert seen.finished == tuple(sorted(ended, key=end, reverse=True))
    assert seen.counts == {s: sum(job.status is s for job in jobs) for s in JobStatus}
    assert seen.people == names(job.user_id for job in jobs)
    assert seen.test_kinds == names(job.test_kind for job in jobs)
    assert seen.active_by_test == newest_by_test(active)
    latest = newest_by_test(jobs)
    assert seen.latest_by_test == latest
    counted = [status_of_test(seen.jobs[job_id], jobs) for job_id in latest.values()]
    assert seen.tests_by_status == {status: counted.count(status) for status in JobStatus}


def status_of_test(newest: Job, jobs: list[Job]) -> JobStatus:
    """After a run without success the scores of an earlier one stand."""
    completed = any(
        job.status is JobStatus.COMPLETED for job in jobs if job.test_id == newest.test_id
    )
    is_over = newest.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    return JobStatus.COMPLETED if is_over and completed else newest.status


def age(job: Job) -> tuple[Any, ...]:
    is_pending = job.status is JobStatus.PENDING
    front = -job.promoted_at.timestamp() if is_pending and job.promoted_at else 0.0
    return (is_pending, front, job.created_at or NEVER, job.job_id)


def end(job: Job) -> tuple[Any, ...]:
    return (job.finished_at or job.updated_at or job.created_at or NEVER, job.job_id)


def newest_by_test(jobs: list[Job]) -> dict[str, str]:
    ordered = sorted(jobs, key=lambda job: (job.created_at or NEVER, job.attempt, job.job_id))
    return {job.test_id: job.job_id for job in ordered if job.test_id is not None}


def names(sent: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in sent if name}, key=str.casefold))


def test_lists_of_jobs_behave_like_tuples() -> None:
    store = store_with(whole("a"), whole("b"), partial("b", status="failed"))
    seen = store.snapshot()
    a, b = seen.jobs["a"], seen.jobs["b"]
    assert seen.running == (a,)
    assert (seen.running[0], seen.running[:5], seen.finished[-1]) == (a, (a,), b)
    assert seen.running.__add__(seen.finished) == (a, b)
    assert seen.finished.__radd__((a,)) == (a, b)
    assert a in seen.running
    assert b not in seen.running
    assert not JobStore().snapshot().running


@pytest.mark.parametrize(
    "changes", [{"test_id": "other"}, {"created_at": START}, {"promoted_at": START}]
)
def test_a_change_of_what_orders_jobs_is_seen(changes: dict[str, Any]) -> None:
    later = START + timedelta(hours=1)
    store = store_with(*(whole(name, created_at=later, test_id="t") for name in "ab"))
    before = store.snapshot()
    assert [job.job_id for job in before.running] == ["a", "b"]
    assert before.latest_by_test == {"t": "b"}
    store.apply(partial("b", **changes))
    seen = store.snapshot()
    alone = Snapshot(jobs=seen.jobs)
    assert (seen.running, seen.latest_by_test) == (alone.running, alone.latest_by_test)
    assert (seen.running, seen.latest_by_test) != (before.running, before.latest_by_test)


def test_the_parts_of_a_snapshot_are_read_like_a_mapping_and_tuples() -> None:
    snapshot = store_with(
        whole("a", test_id="t", status="running"), whole("b", test_id="u", status="failed")
    ).snapshot()
    running, failed = snapshot.jobs["a"], snapshot.jobs["b"]
    assert repr(snapshot.jobs) == repr(dict(snapshot.jobs))
    assert repr(snapshot.running) == repr((running,))
    assert hash(snapshot.running) == hash((running,))
    assert snapshot.running + snapshot.finished == (running, failed)
    assert operator.add((failed,), snapshot.running) == (failed, running)
    assert (dict(snapshot.active_by_test), len(snapshot.active_by_test)) == ({"t": "a"}, 1)
    assert repr(snapshot.latest_by_test) == repr({"t": "a", "u": "b"})
    assert (snapshot.active_siblings(running), snapshot.active_siblings(failed)) == ((running,), ())
    assert list(snapshot.to_pandas()["job_id"]) == ["a", "b"]
    assert snapshot._repr_html_().startswith("<table")
