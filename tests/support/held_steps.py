"""The built-in pipeline, whose jobs a test can hold within a step: after its first chunk of rows,
as long as the file `hold` names the step.

That file is in a folder named like the test's title, in the folder that `HELD_FOLDER` names.
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
    "ETL_MONITOR_HUNG_AFTER": "600",  # a held step gives no sign of life
}
STEPS = tuple(step.name for step in _SHIPPED.steps)


def control(title: str, folder: Path | None = None) -> Control:
    return Control(folder=(folder or Path(os.environ["HELD_FOLDER"])) / title)


class _Holding:
    """Passes a step's reports on, and holds the step."""

    def __init__(self, report: Report, control: Control, step: str) -> None:
        self._report, self._control, self._step = report, control, step

    def __call__(self, rows_done: int, rows_total: int | None) -> None:
        self._report(rows_done, rows_total)
        if rows_done:
            self._control.arrive(self._step)

    def log(self, message: str, level: str = "info", **options: Any) -> None:
        self._report.log(message, level, **options)


def _held(step: Step) -> Step:
    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        return step.run(job, _Holding(report, control(job.title), step.name), cancelled)

    return replace(step, run=run)


PIPELINE = replace(_SHIPPED, steps=tuple(map(_held, _SHIPPED.steps)))
