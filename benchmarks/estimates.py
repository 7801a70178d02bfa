"""How good the estimates of the time left are, over simulated histories of mixed sizes.

python benchmarks/estimates.py

Each history has jobs of 20 to 1,000,000 rows with a fixed cost and a rate for each step; some jobs
are slow as a whole, and the machine becomes faster or slower in the course of the history. A job
is looked at after a third of its time: the error is that of the time left, relative to the truth.
"""

import math
import random
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from etl_monitor.service.jobs.eta import Estimate, Pace, estimate
from etl_monitor.service.jobs.step_costs import PastJob, fit_step_costs

STEPS = ("extract", "validate", "score", "norm", "analyse", "load")
AT = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SMALLEST, LARGEST = 20, 1_000_000  # rows
SLOW_JOBS = 0.05  # the share of jobs that are three times as slow
STEP_NOISE, JOB_NOISE, DRIFT = 0.15, 0.2, 0.3


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What the steps of one kind of test cost: (fixed, per row, growth) by step."""

    steps: dict[str, tuple[float, float, float]]

    @classmethod
    def of(cls, random: random.Random) -> "Truth":
        def cost() -> tuple[float, float, float]:
            fixed = 10 ** random.uniform(-2, 0)
            return fixed, 10 ** random.uniform(-6, -4.5), random.choice((1.0, 1.0, 1.05))

        return cls(steps={name: cost() for name in STEPS})

    def job(self, rows: int, random: random.Random, drift: float = 0.0) -> PastJob:
        slow = 3.0 if random.random() < SLOW_JOBS else 1.0
        pace = slow * math.exp(random.gauss(drift, JOB_NOISE))
        seconds = {
            name: pace * math.exp(random.gauss(0, STEP_NOISE)) * (fixed + rate * rows**growth)
            for name, (fixed, rate, growth) in self.steps.items()
        }
        return PastJob(rows=rows, seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Figures:
    median_error: float
    held: float  # the share of jobs whose truth was in the band
    width: float  # the median of latest : earliest
    given: float  # the share of jobs that had an estimate


def simulate(histories: int, *, sizes: str = "mixed", share: float = 1 / 3) -> Figures:
    errors, held, widths, simulated = [], [], [], 0
    for left, found in _jobs(histories, sizes, share):
        simulated += 1
        if found is None:
            continue
        earliest, usual, latest = found
        errors.append(abs(usual - left) / left)
        held.append(earliest <= left <= latest)
        widths.append(latest / earliest)
    return Figures(
        median_error=statistics.median(errors),
        held=statistics.mean(held),
        width=statistics.median(widths),
        given=len(errors) / simulated,
    )


def _jobs(
    histories: int, sizes: str, share: float
) -> Iterator[tuple[float, tuple[float, float, float] | None]]:
    """Yield the seconds left and what the estimate says of them."""
    for seed in range(histories):
        chance = random.Random(seed)
        truth, length = Truth.of(chance), chance.choice((3, 5, 10, 30, 100))
        drift = chance.gauss(0, DRIFT)
        limits = (SMALLEST, 200) if sizes == "small" else (SMALLEST, LARGEST)
        past = [
            truth.job(_rows(chance, *limits), chance, drift * (1 - n / length))
            for n in range(length)
        ]
        job = truth.job(_rows(chance, SMALLEST, LARGEST), chance)
        left, pace = _after(share, job)
        found = estimate(fit_step_costs(past, job.rows), pace, AT)
        yield left, _seconds_left(found) if found else None


def _seconds_left(found: Estimate) -> tuple[float, float, float]:
    earliest, usual, latest = (
        (time - AT) / SECOND for time in (found.earliest, found.usual, found.latest)
    )
    return earliest, usual, latest


def _rows(chance: random.Random, smallest: int, largest: int) -> int:
    return int(math.exp(chance.uniform(math.log(smallest), math.log(largest))))


def _after(share: float, job: PastJob) -> tuple[float, Pace]:
    """Return the seconds left after a share of the job's time, and how far it has come by then."""
    total = sum(job.seconds.values())
    passed, seconds = share * total, {}
    for number, (name, took) in enumerate(job.seconds.items()):
        seconds[name] = min(took, passed)
        passed -= took
        if passed <= 0:
            done = seconds[name] / took
            left = STEPS[number + 1 :]
            return (1 - share) * total, Pace(rows=job.rows, seconds=seconds, share=done, left=left)
    raise ValueError("share is below 1")


def main() -> None:
    print(f"{'history':<10}{'job at':>8}{'median error':>14}{'in band':>13}{'band':>8}{'given':>8}")
    for sizes in ("mixed", "small"):
        for share in (0.05, 1 / 3, 0.75):
            found = simulate(1000, sizes=sizes, share=share)
            print(
                f"{sizes:<10}{share:>8.0%}{found.median_error:>14.1%}{found.held:>13.1%}"
                f"{found.width:>7.1f}×{found.given:>8.0%}"
            )


if __name__ == "__main__":
    main()
