"""Estimate when a job will end, from the durations of recent jobs of the same kind of test."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from etl_monitor.service.storage.tables import job_steps, jobs
from etl_monitor.wire.job import JobStatus

RECENT_JOBS = 20
MIN_JOBS = 3  # with fewer an estimate would be a guess


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds per 1,000 rows of a step: the quartiles over recent jobs."""

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
    """The rows that a step still has to process."""

    step: str
    rows: int


def paces(tx: Connection, test_kind: str) -> Mapping[str, Pace]:
    """Return the pace of each step that at least `MIN_JOBS` recent jobs of this kind completed."""
    done = (jobs.c.test_kind == test_kind) & (jobs.c.status == JobStatus.COMPLETED)
    recent = select(jobs.c.job_id).where(done).order_by(jobs.c.sequence.desc()).limit(RECENT_JOBS)
    query = select(job_steps).where(job_steps.c.job_id.in_(recent), job_steps.c.rows_total > 0)
    seconds: dict[str, list[float]] = defaultdict(list)
    for row in tx.execute(query.where(job_steps.c.started_at.is_not(None))):
        duration = (row.finished_at - row.started_at).total_seconds()
        seconds[row.name].append(1000 * max(0.0, duration) / row.rows_total)
    return {name: _pace(sample) for name, sample in seconds.items() if len(sample) >= MIN_JOBS}


def estimate(
    by_step: Mapping[str, Pace], remaining: Sequence[Remaining], at: datetime
) -> Estimate | None:
    """Return the estimate as of `at`, or None if a remaining step has no pace."""
    if any(part.step not in by_step for part in remaining):
        return None

    def after(seconds_per_thousand: Mapping[str, float]) -> datetime:
        needed = sum(seconds_per_thousand[part.step] * part.rows / 1000 for part in remaining)
        return at + timedelta(seconds=needed)

    return Estimate(
        earliest=after({name: pace.quick for name, pace in by_step.items()}),
        usual=after({name: pace.usual for name, pace in by_step.items()}),
        latest=after({name: pace.slow for name, pace in by_step.items()}),
    )


def _pace(sample: Sequence[float]) -> Pace:
    quick, usual, slow = statistics.quantiles(sample, n=4, method="inclusive")
    return Pace(quick=quick, usual=usual, slow=slow)
