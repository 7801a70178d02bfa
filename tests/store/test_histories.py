"""Random histories: repeated, lost and reordered events end in the service's jobs."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from etl_monitor.store.job_store import JobStore, MergeOutcome
from tests.store.stores import service_after, steps
from tests.support.job_events import Service


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
