"""Estimates: from this pipeline's own history, or none."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, update

from etl_monitor.service.jobs import eta, lifecycle
from etl_monitor.service.jobs.eta import Pace, Remaining
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import job_steps
from tests.support.records import add_test, claim, progress

AT = datetime(2026, 1, 1, tzinfo=UTC)


def _job_that_took(tx: Connection, seconds: float, rows: int = 1000, kind: str = "k") -> None:
    job_id = add_test(tx, kind=kind).job_id
    claim(tx)
    lifecycle.advance(tx, job_id, "w", progress(1, 1, 100))
    lifecycle.advance(tx, job_id, "w", progress(2, 1, 100))
    lifecycle.complete(tx, job_id, "w")
    took = {"started_at": AT, "finished_at": AT + timedelta(seconds=seconds), "rows_total": rows}
    tx.execute(update(job_steps).where(job_steps.c.job_id == job_id).values(took))


def test_a_pace_has_the_quartiles_per_thousand_rows_of_each_step(db: Database) -> None:
    with db.writing() as tx:
        for seconds in (1.0, 2.0, 3.0, 4.0, 5.0):
            _job_that_took(tx, seconds * 2, rows=2000)
        _job_that_took(tx, 99, kind="another kind")
        known = eta.paces(tx, "k")
    assert known == {name: Pace(quick=2, usual=3, slow=4) for name in ("extract", "load")}


def test_two_jobs_are_not_enough(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(2):
            _job_that_took(tx, 1)
        assert eta.paces(tx, "k") == {}


def test_only_recent_jobs_count(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(eta.RECENT_JOBS):
            _job_that_took(tx, 100)
        for _ in range(eta.RECENT_JOBS):
            _job_that_took(tx, 1)
        assert eta.paces(tx, "k")["load"] == Pace(quick=1, usual=1, slow=1)


def test_an_estimate_adds_up_the_remaining_steps() -> None:
    known = {"a": Pace(quick=1, usual=2, slow=3), "b": Pace(quick=10, usual=20, slow=30)}
    remaining = [Remaining(step="a", rows=500), Remaining(step="b", rows=1000)]
    found = eta.estimate(known, remaining, AT)
    assert found is not None
    ends = (found.earliest, found.usual, found.latest)
    assert [(end - AT).total_seconds() for end in ends] == [10.5, 21, 31.5]


def test_a_step_without_a_pace_prevents_an_estimate() -> None:
    known = {"a": Pace(quick=1, usual=2, slow=3)}
    assert eta.estimate(known, [Remaining(step="new", rows=1)], AT) is None
