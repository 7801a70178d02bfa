"""When a job will be done, from how long the same steps took for the same kind of test before."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from etl_monitor.service.storage.tables import job_steps, jobs
from etl_monitor.wire.job import JobStatus

RECENT_JOBS = 20
ENOUGH_JOBS = 3  # with fewer an estimate would be a guess


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds for 1,000 rows of a step: the quartiles over recent jobs."""

    quick: float
    usual: float
    slow: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    earliest: datetime
    usual: datetime
    latest: datetime


@dataclass(frozen=True, kw_only=True)
class Remaining:
    """Rows that a step has yet to do."""

    step: str
    rows: int


def paces(tx: Connection, test_kind: str) -> Mapping[str, Pace]:
    """By step; only steps that enough recent jobs of this kind have gone through."""
    done = (jobs.c.test_kind == test_kind) & (jobs.c.status == JobStatus.COMPLETED)
    recent = select(jobs.c.job_id).where(done).order_by(jobs.c.born.desc()).limit(RECENT_JOBS)
    query = select(job_steps).where(job_steps.c.job_id.in_(recent), job_steps.c.rows_total > 0)
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in tx.execute(query.where(job_steps.c.started_at.is_not(None))):
        took = (row.finished_at - row.started_at).total_seconds()
        seconds[row.name].append(1000 * max(0.0, took) / row.rows_total)
    return {name: _pace(taken) for name, taken in seconds.items() if len(taken) >= ENOUGH_JOBS}


def estimate(
    known: Mapping[str, Pace], remaining: Sequence[Remaining], at: datetime
) -> Estimate | None:
    """None where a step's pace is not known."""
    if any(part.step not in known for part in remaining):
        return None

    def after(seconds_per_thousand: Mapping[str, float]) -> datetime:
        needed = sum(seconds_per_thousand[part.step] * part.rows / 1000 for part in remaining)
        return at + timedelta(seconds=needed)

    return Estimate(
        earliest=after({name: pace.quick for name, pace in known.items()}),
        usual=after({name: pace.usual for name, pace in known.items()}),
        latest=after({name: pace.slow for name, pace in known.items()}),
    )


def _pace(taken: Sequence[float]) -> Pace:
    quick, usual, slow = statistics.quantiles(taken, n=4, method="inclusive")
    return Pace(quick=quick, usual=usual, slow=slow)
