"""Which updates of a job count, and which come too late."""

from typing import Any

import pytest

from etl_monitor.events import JobRemoved
from etl_monitor.store.job_store import JobStore, MergeOutcome
from etl_monitor.wire.job import Job, JobStatus
from tests.store.stores import job, store_with
from tests.support.job_events import START, partial, whole


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
