"""What the steps of a kind of test cost: seconds per job and seconds per row, from past jobs.

A step takes `fixed + per_row * rows` seconds. The fit minimises the sum of relative deviations, so
that a few slow jobs do not matter and small jobs count as much as large ones; jobs of a similar
size count most.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

_SIMILAR = math.log(3)  # a job a third or three times as large still counts as similar
_LEAST_WEIGHT = 0.02  # of a job of quite another size
_FAMILIAR = math.log(4)  # to the nearest known size; further away the costs are extrapolated
_LEAST_SPREAD = 0.1  # even jobs that were all alike say no more about the next one
_SPREAD_OF_ONE = 0.8  # if a single past job is all that is known
_LEAST_SECONDS = 0.001
_ROUNDS = 12  # of the fit, after which it has settled


@dataclass(frozen=True, kw_only=True)
class PastJob:
    """A completed job: its rows, and the seconds that each step took."""

    rows: int
    seconds: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class StepCost:
    fixed: float  # seconds
    per_row: float  # seconds

    def seconds(self, rows: float) -> float:
        return max(_LEAST_SECONDS, self.fixed + self.per_row * rows)


@dataclass(frozen=True, kw_only=True)
class StepCosts:
    """`spread`: how far jobs deviate from these costs; `step_spread`: how far a single step may
    besides, because the costs are extrapolated. Both are standard deviations of logarithms."""

    steps: Mapping[str, StepCost]
    spread: float
    step_spread: float


def fit_step_costs(past: Sequence[PastJob], rows: int) -> StepCosts:
    """Return the costs for a job of `rows` rows. `past` is not empty."""
    distances = [abs(_log_rows(job.rows) - _log_rows(rows)) for job in past]
    weights = [_LEAST_WEIGHT + math.exp(-0.5 * (d / _SIMILAR) ** 2) for d in distances]
    names = dict.fromkeys(name for job in past for name in job.seconds)
    steps = {name: _fit_step(name, past, weights) for name in names}
    beyond = max(0.0, min(distances) - _FAMILIAR)
    return StepCosts(
        steps=steps,
        spread=_spread(steps, past, weights) + 0.35 * beyond,
        step_spread=0.18 * beyond,
    )


def _fit_step(name: str, past: Sequence[PastJob], weights: Sequence[float]) -> StepCost:
    points = [
        _Point(x=float(max(1, job.rows)), y=job.seconds[name], weight=weight)
        for job, weight in zip(past, weights, strict=True)
        if name in job.seconds
    ]
    cost = _first_guess(points)
    for _ in range(_ROUNDS):
        cost = _solve(points, _relative_deviation(cost))
    return cost


@dataclass(frozen=True, kw_only=True)
class _Point:
    x: float
    y: float
    weight: float


def _first_guess(points: Sequence[_Point]) -> StepCost:
    """Return medians, which no deviating job can spoil; half of them is taken to be fixed."""
    weights = [point.weight for point in points]
    half = _weighted_median([point.y for point in points], weights) / 2
    rows = _weighted_median([point.x for point in points], weights)
    return StepCost(fixed=half, per_row=half / rows)


def _relative_deviation(cost: StepCost) -> Callable[[_Point], float]:
    """Return the weight with which squares sum up to relative deviations from `cost`."""

    def weigh(point: _Point) -> float:
        expected = cost.seconds(point.x)
        return point.weight / (expected * max(abs(point.y - expected), 0.05 * expected))

    return weigh


def _solve(points: Sequence[_Point], weigh: Callable[[_Point], float]) -> StepCost:
    """Return the weighted least squares, with no negative cost."""
    w = [weigh(point) for point in points]
    s = sum(w)
    sx = sum(v * p.x for v, p in zip(w, points, strict=True))
    sy = sum(v * p.y for v, p in zip(w, points, strict=True))
    sxx = sum(v * p.x * p.x for v, p in zip(w, points, strict=True))
    sxy = sum(v * p.x * p.y for v, p in zip(w, points, strict=True))
    determinant = s * sxx - sx * sx
    if determinant <= 1e-9 * s * sxx:  # one size only: which part is fixed is unknown
        return StepCost(fixed=sy / s / 2, per_row=sy / sx / 2)
    fixed = (sxx * sy - sx * sxy) / determinant
    per_row = (s * sxy - sx * sy) / determinant
    if per_row < 0:
        return StepCost(fixed=sy / s, per_row=0.0)
    return (
        StepCost(fixed=fixed, per_row=per_row)
        if fixed >= 0
        else StepCost(fixed=0.0, per_row=sxy / sxx)
    )


def _spread(
    steps: Mapping[str, StepCost], past: Sequence[PastJob], weights: Sequence[float]
) -> float:
    deviations = [abs(_log_ratio(job, steps)) for job in past]
    independent = sum(weights) ** 2 / sum(weight**2 for weight in weights)
    usual = max(_LEAST_SPREAD, 1.48 * _weighted_median(deviations, weights))
    unsure = _SPREAD_OF_ONE / math.sqrt(independent)
    return math.hypot(usual, unsure)


def _log_ratio(job: PastJob, steps: Mapping[str, StepCost]) -> float:
    expected = sum(steps[name].seconds(job.rows) for name in job.seconds)
    return math.log(max(_LEAST_SECONDS, sum(job.seconds.values())) / expected)


def _weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    ordered = sorted(zip(values, weights, strict=True))
    passed = accumulate(weight for _, weight in ordered)
    half = sum(weight for _, weight in ordered) / 2
    return next(value for (value, _), sums in zip(ordered, passed, strict=True) if sums >= half)


def _log_rows(rows: int) -> float:
    return math.log(max(1, rows))
