"""Stores with some events, and their jobs."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job
from tests.support.job_events import START, Service


def store_with(*events: Any) -> JobStore:
    store = JobStore()
    for event in events:
        store.apply(event)
    return store


def job(store: JobStore, job_id: str = "a") -> Job:
    return store.snapshot().jobs[job_id]


def ended(n: int, **fields: Any) -> Job:
    at = START + timedelta(minutes=n)
    return Job.model_validate({"job_id": str(n), "status": "failed", "finished_at": at, **fields})


steps = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 59)), max_size=80)


def service_after(choices: list[tuple[str, int]]) -> Service:
    service = Service()
    for job_id, choice in choices:
        service.step(job_id, choice)
    return service
