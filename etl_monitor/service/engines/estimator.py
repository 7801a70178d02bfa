"""The estimate of a running job, from what its steps have taken so far."""

import time
from collections.abc import Sequence

from etl_monitor.service.jobs import eta
from etl_monitor.service.jobs.step_costs import PastJob, StepCosts, fit_step_costs
from etl_monitor.service.storage.clock import now

_SAME_SIZE = 1.2  # the costs are fitted again for a job that turns out to be larger or smaller


class Estimator:
    """Not thread-safe."""

    def __init__(self, step_names: Sequence[str], past: Sequence[PastJob]) -> None:
        self._names, self._past = step_names, past
        self._begins: dict[int, float] = {}  # by number of the step, of the monotonic clock
        self._rows = 0  # of the job: those of the first step that counts any
        self._costs: StepCosts | None = None
        self._costs_for = 0  # rows

    def begin(self, index: int) -> None:
        """Begin the step with this number, from 1."""
        self._begins = {step: at for step, at in self._begins.items() if step < index}
        self._begins[index] = time.monotonic()

    def estimate(self, rows: tuple[int, int | None] | None) -> eta.Estimate | None:
        """Return the estimate, given the rows done and all rows of the current step (None: not
        known). None if the job's size is unknown, or if the past says too little."""
        pace = self._pace(rows)
        if pace is None or len(self._past) < eta.MIN_JOBS:
            return None
        return eta.estimate(self._step_costs(pace.rows), pace, now())

    def _pace(self, rows: tuple[int, int | None] | None) -> eta.Pace | None:
        done, row_count = rows or (0, None)
        total = row_count or 0
        self._rows = total if len(self._begins) == 1 else self._rows or total
        if not self._rows or not self._begins:
            return None
        ends = [*list(self._begins.values())[1:], time.monotonic()]
        took = zip(self._begins.items(), ends, strict=True)
        return eta.Pace(
            rows=self._rows,
            seconds={self._names[index - 1]: end - begin for (index, begin), end in took},
            share=done / total if total else 0.0,
            left=self._names[max(self._begins) :],
        )

    def _step_costs(self, rows: int) -> StepCosts:
        is_same = rows / _SAME_SIZE <= self._costs_for <= rows * _SAME_SIZE
        if self._costs is None or not is_same:
            self._costs, self._costs_for = fit_step_costs(self._past, rows), rows
        return self._costs
