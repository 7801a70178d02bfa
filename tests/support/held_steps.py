"""The pipeline that ships, whose jobs stop in the middle of a step where a test wants them to:
after the step's first chunk of rows, for as long as the file `hold` of their test names that step.

That file lies in a folder with the test's title, in the one that `HELD_FOLDER` names.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from etl_monitor.pipeline.aptitude import PIPELINE as _SHIPPED
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report, Step
from tests.support.held import Control

SETTING = {
    "ETL_MONITOR_PIPELINE": "tests.support.held_steps:PIPELINE",
    "ETL_MONITOR_HUNG_AFTER": "600",  # whoever is held says nothing
}
STEPS = tuple(step.name for step in _SHIPPED.steps)


def control(title: str, folder: Path | None = None) -> Control:
    return Control(folder=(folder or Path(os.environ["HELD_FOLDER"])) / title)


class _Holding:
    """Passes on what a step reports, and stops it there."""

    def __init__(self, report: Report, place: Control, step: str) -> None:
        self._report, self._place, self._step = report, place, step

    def __call__(self, rows_done: int, rows_total: int) -> None:
        self._report(rows_done, rows_total)
        if rows_done:
            self._place.arrive(self._step)

    def log(self, message: str, level: str = "info", **told: Any) -> None:
        self._report.log(message, level, **told)


def _held(step: Step) -> Step:
    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        return step.run(job, _Holding(report, control(job.title), step.name), cancelled)

    return replace(step, run=run)


PIPELINE = replace(_SHIPPED, steps=tuple(map(_held, _SHIPPED.steps)))
