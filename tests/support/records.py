"""Tests and jobs written straight into a database."""

from datetime import timedelta
from itertools import count

from sqlalchemy import Connection

from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.results import registration
from etl_monitor.wire.job import Job

STEPS = ("extract", "load")
MINUTE = timedelta(minutes=1)

_numbers = count(1)


def add_test(
    tx: Connection, user_id: str = "kim", title: str = "A test", kind: str = "k", test_id: str = ""
) -> Job:
    """Add a test. Returns its first job."""
    number = next(_numbers)
    new = registration.NewTest(
        test_id=test_id or f"test-{number}",
        user_id=user_id,
        title=title,
        test_kind=kind,
        file_name="a.csv",
        source=f"{number}.csv",
    )
    return registration.register_test(tx, new, requested_by="kim", step_count=len(STEPS))


def claim(tx: Connection, worker: str = "w") -> Job:
    job = lifecycle.claim(tx, worker, STEPS)
    assert job is not None
    return job


def progress(step: int, percent: int, done: int | None = None) -> lifecycle.Progress:
    return lifecycle.Progress(
        current_step=STEPS[step - 1],
        step_index=step,
        progress=percent,
        rows_done=done,
        rows_total=None if done is None else 100,
    )
