"""Active jobs beyond the store's limit: left out, and shown once there is room."""

from datetime import timedelta

from etl_monitor.store.job_store import JobStore, MergeOutcome
from etl_monitor.wire.job import Job, JobStatus
from tests.support.job_events import START, partial, whole


def _full_store() -> JobStore:
    """Return a store with room for one of two active jobs: the newer one."""
    store = JobStore(active_limit=1)
    old, new = (
        Job(job_id=job_id, status=JobStatus.RUNNING, created_at=START + timedelta(hours=hour))
        for hour, job_id in enumerate(("old", "new"))
    )
    store.replace([old, new], "", complete=True)
    return store


def _shown(store: JobStore) -> list[str]:
    return [job.job_id for job in store.snapshot().running]


def test_a_job_that_is_left_out_stays_so_while_the_store_is_full() -> None:
    store = _full_store()
    assert (_shown(store), store.snapshot().active_left_out) == (["new"], 1)
    for update in (partial("old", progress=10), whole("old", status="running")):
        assert store.apply(update) is MergeOutcome.APPLIED
    assert (_shown(store), store.snapshot().active_left_out) == (["new"], 1)
    assert store.snapshot().incomplete == frozenset()


def test_a_whole_update_shows_it_once_there_is_room() -> None:
    store = _full_store()
    store.apply(partial("new", status="completed", progress=100))
    store.apply(partial("old", progress=10))
    assert _shown(store) == [], "a part of a job is not enough"
    store.apply(whole("old", status="running", progress=20))
    assert (_shown(store), store.snapshot().active_left_out) == (["old"], 0)


def test_its_end_is_not_waited_for_any_more() -> None:
    store = _full_store()
    store.apply(whole("old", status="completed"))
    assert store.snapshot().active_left_out == 0
