"""A pipeline with the names of the built-in one, whose jobs a file can hold: for pictures of states
that real jobs have only for a moment."""

import json

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import Cancelled, Pipeline, PipelineJob, Report, Step
from etl_monitor.wire.result import TestKind
from tests.support.scripted import KIND, PIPELINE, Script, finish, prepare, work

SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.staged:PIPELINE"}
_NAMES = {"ko": "추론능력검사 (4영역 40문항)", "en": "Reasoning test (4 areas, 40 items)"}
_ITEMS = tuple(f"Q{number:02d}" for number in range(1, 41))


def score(job: PipelineJob, report: Report, cancelled: Cancelled) -> None:
    if Script(**json.loads(job.source.read_text("utf-8"))).fail:
        details = {"columns": "Q07, Q12"}
        raise PipelineError("missing_columns", "Columns are missing: Q07, Q12", details)
    work(job, report, cancelled)


PIPELINE = Pipeline(
    name="staged",
    steps=(
        Step(name="extract", run=prepare),
        Step(name="validate", run=prepare),
        Step(name="score", run=score, weight=3.0),
        Step(name="load", run=finish),
    ),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names=_NAMES, columns=("respondent_id", *_ITEMS)),),
    check=PIPELINE.check,
)
