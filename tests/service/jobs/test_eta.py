"""Estimates: from past jobs of this kind and size, and from the job's own pace."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, update

from benchmarks.estimates import simulate
from etl_monitor.service.jobs import eta, lifecycle
from etl_monitor.service.jobs.eta import Pace
from etl_monitor.service.jobs.step_costs import PastJob, fit_step_costs
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import job_steps
from tests.support.records import add_test, claim, progress

pytestmark = pytest.mark.databases("sqlite", "postgresql")

AT = datetime(2026, 1, 1, tzinfo=UTC)


def _job_that_took(tx: Connection, seconds: float, rows: int = 1000, kind: str = "k") -> None:
    job_id = add_test(tx, kind=kind).job_id
    claim(tx)
    lifecycle.advance(tx, job_id, "w", progress(1, 1, 100))
    lifecycle.advance(tx, job_id, "w", progress(2, 1, 100))
    lifecycle.complete(tx, job_id, "w")
    took = {"started_at": AT, "finished_at": AT + timedelta(seconds=seconds), "rows_total": rows}
    tx.execute(update(job_steps).where(job_steps.c.job_id == job_id).values(took))


def _past(fixed: float, per_row: float, *sizes: int) -> list[PastJob]:
    return [PastJob(rows=rows, seconds={"a": fixed + per_row * rows}) for rows in sizes]


def _seconds(found: eta.Estimate | None) -> tuple[float, float, float]:
    assert found is not None
    earliest, usual, latest = (
        (time - AT).total_seconds() for time in (found.earliest, found.usual, found.latest)
    )
    return earliest, usual, latest


def test_the_past_is_that_of_the_kind_and_of_recent_jobs(db: Database) -> None:
    with db.writing() as tx:
        _job_that_took(tx, 99, rows=5)
        _job_that_took(tx, 99, kind="another kind")
        for _ in range(eta.RECENT_JOBS):
            _job_that_took(tx, 2, rows=2000)
        past = eta.past_jobs(tx, "k")
    assert len(past) == eta.RECENT_JOBS
    assert past[0] == PastJob(rows=2000, seconds={"extract": 2.0, "load": 2.0})
    assert {job.rows for job in past} == {2000}


def test_the_fixed_cost_and_the_rate_are_separated() -> None:
    costs = fit_step_costs(_past(0.5, 0.0001, 20, 50, 1000, 20_000, 300_000), rows=1_000_000)
    assert costs.steps["a"].fixed == pytest.approx(0.5, rel=0.02)
    assert costs.steps["a"].per_row == pytest.approx(0.0001, rel=0.02)


def test_a_few_slow_jobs_do_not_matter() -> None:
    past = _past(0.5, 0.001, *range(100, 2000, 100)) + _past(50, 0.1, 500, 1500)
    assert fit_step_costs(past, 1000).steps["a"].seconds(1000) == pytest.approx(1.5, rel=0.05)


def test_jobs_of_twenty_rows_say_little_of_a_large_one() -> None:
    """Until the job's own pace is known, no time is shown; then the pace decides."""
    costs = fit_step_costs(_past(0.5, 0.0, *[20] * 30), rows=1_000_000)
    begun = Pace(rows=1_000_000, seconds={"a": 0.1}, share=0.0, left=())
    assert eta.estimate(costs, begun, AT) is None
    at_nine_tenths = Pace(rows=1_000_000, seconds={"a": 90.0}, share=0.9, left=())
    earliest, usual, latest = _seconds(eta.estimate(costs, at_nine_tenths, AT))
    assert earliest < 10 < latest
    assert usual == pytest.approx(10, rel=0.1)


def test_a_pace_that_contradicts_the_past_outweighs_it() -> None:
    costs = fit_step_costs(_past(1.0, 0.01, *[1000] * 40), rows=1000)
    ten_times_as_slow = Pace(rows=1000, seconds={"a": 55.0}, share=0.5, left=())
    earliest, usual, latest = _seconds(eta.estimate(costs, ten_times_as_slow, AT))
    assert usual == pytest.approx(55, rel=0.1)
    assert earliest < 55 < latest


def test_a_step_that_the_past_does_not_know_prevents_an_estimate() -> None:
    costs = fit_step_costs(_past(1.0, 0.01, 10, 20, 30), rows=20)
    assert (
        eta.estimate(costs, Pace(rows=20, seconds={"a": 1.0}, share=1, left=("new",)), AT) is None
    )


def test_histories_of_mixed_sizes() -> None:
    """What `benchmarks/estimates.py` measures at length."""
    found = simulate(150)
    assert found.median_error < 0.2
    assert found.held >= 0.8
    assert found.given > 0.95
