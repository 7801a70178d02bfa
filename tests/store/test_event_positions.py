"""Positions of events: repeated, skipped, and those of a list."""

from etl_monitor.events import JobRemoved
from etl_monitor.store.job_store import Counters, JobStore, MergeOutcome
from etl_monitor.wire.job import Job, JobStatus
from tests.store.stores import store_with
from tests.support.job_events import partial, whole


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
