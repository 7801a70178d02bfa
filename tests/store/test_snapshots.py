"""A snapshot: it never changes, and has orders and counts."""

import operator
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.events import JobRemoved
from etl_monitor.store.job_store import JobStore, Snapshot
from etl_monitor.wire.job import Job, JobStatus
from tests.store.stores import ended, job, service_after, steps, store_with
from tests.support.job_events import START, partial, whole

NEVER = datetime.min.replace(tzinfo=UTC)


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
