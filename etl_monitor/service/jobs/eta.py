"""Estimate when a job will end: from past jobs of its kind and size, and from its own pace."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from etl_monitor.service.jobs.step_costs import PastJob, StepCosts
from etl_monitor.service.storage.tables import job_steps, jobs
from etl_monitor.wire.job import JobStatus

RECENT_JOBS = 100
MIN_JOBS = 3  # with fewer an estimate would be a guess

_WITHIN_A_JOB = 0.2  # how far the rest of a job deviates from its pace so far, at half of it
_BAND = 1.5  # standard deviations; 87 % of a normal distribution
_WIDEST = 10.0  # latest : earliest; a wider band tells a reader nothing
_BLUR = 0.02  # seconds; less says nothing about a pace


@dataclass(frozen=True, kw_only=True)
class Estimate:
    earliest: datetime
    usual: datetime
    latest: datetime


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How far a job has come: `seconds` that each begun step has taken so far, in order, of which
    the last one has done the share `share` of its rows. `left`: the steps not begun."""

    rows: int
    seconds: Mapping[str, float]
    share: float
    left: Sequence[str]


def past_jobs(tx: Connection, test_kind: str) -> Sequence[PastJob]:
    """Return the newest completed jobs of the kind, with the durations of their steps."""
    done = (jobs.c.test_kind == test_kind) & (jobs.c.status == JobStatus.COMPLETED)
    recent = select(jobs.c.job_id).where(done).order_by(jobs.c.sequence.desc()).limit(RECENT_JOBS)
    query = select(job_steps).where(
        job_steps.c.job_id.in_(recent), job_steps.c.finished_at.is_not(None)
    )
    seconds: dict[str, dict[str, float]] = defaultdict(dict)
    rows: dict[str, int] = {}
    for step in tx.execute(query.order_by(job_steps.c.job_id, job_steps.c.index)):
        if isinstance(step.rows_total, int) and step.rows_total > 0:
            rows.setdefault(step.job_id, step.rows_total)
        if isinstance(step.started_at, datetime) and isinstance(step.finished_at, datetime):
            duration = (step.finished_at - step.started_at).total_seconds()
            seconds[step.job_id][step.name] = max(0.0, duration)
    return [PastJob(rows=rows[job_id], seconds=seconds[job_id]) for job_id in rows]


def estimate(costs: StepCosts, pace: Pace, at: datetime) -> Estimate | None:
    """Return the estimate as of `at`. None if a step's cost is unknown, or if the band would be
    too wide to be of use: the job is of a size that no past job had, and has just begun."""
    names = [*pace.seconds, *pace.left]
    if any(name not in costs.steps for name in names):
        return None
    expected = {name: costs.steps[name].seconds(pace.rows) for name in names}
    done = _expected_until_now(expected, pace)
    factor, spread = _own_factor(costs.spread, done / sum(expected.values()), _ratio(done, pace))
    later = factor * sum(expected[name] for name in pace.left)
    now = _rest_of_step(expected, factor, pace)
    rest = later + now
    unseen = (later + (1 - pace.share) * now) / rest if rest else 0.0
    spread = math.hypot(spread, costs.step_spread * unseen)
    if _BAND * spread * 2 > math.log(_WIDEST):
        return None
    width = math.exp(_BAND * spread)
    return Estimate(
        earliest=at + timedelta(seconds=rest / width),
        usual=at + timedelta(seconds=rest),
        latest=at + timedelta(seconds=rest * width),
    )


def _expected_until_now(expected: Mapping[str, float], pace: Pace) -> float:
    """Return the seconds that the past jobs would have needed to come as far."""
    *ended, current = pace.seconds
    return sum(expected[name] for name in ended) + expected[current] * pace.share


def _rest_of_step(expected: Mapping[str, float], factor: float, pace: Pace) -> float:
    """Return the seconds left of the current step. The further it is, the more its own pace
    counts."""
    *_, (current, took) = pace.seconds.items()
    if not pace.share:
        return factor * expected[current]
    total = (1 - pace.share) * factor * expected[current] + pace.share * (took / pace.share)
    return (1 - pace.share) * total


def _ratio(done: float, pace: Pace) -> float:
    """Return the logarithm of how much longer the job has taken than expected."""
    *ended, current = pace.seconds.items()
    took = sum(seconds for _, seconds in ended) + (current[1] if pace.share else 0.0)
    return math.log((took + _BLUR) / (done + _BLUR))


def _own_factor(spread: float, share: float, ratio: float) -> tuple[float, float]:
    """Return the factor by which this job will deviate from the past, and its spread.

    The past says `0 ± spread`, the job's own pace says `ratio ± noise`; each counts by its
    precision. A pace that contradicts the past outweighs it: the past's spread is taken to be at
    least as large as the deviation that was seen.
    """
    if share <= 0:
        return 1.0, spread
    noise = _WITHIN_A_JOB**2 * (1 - share) / share
    prior = max(spread**2, ratio**2 - noise)
    weight = prior / (prior + noise)
    return math.exp(weight * ratio), math.sqrt(weight * noise + (_WITHIN_A_JOB / 2) ** 2)
