"""The pipeline that ships: scores answer files of aptitude and personality tests.

extract → validate → score → norm → analyse → load. Each step is a module of `steps`; they exchange
files in the job's work_dir (`steps/workspace.py`).
"""

from importlib import import_module
from pathlib import Path

from etl_monitor.pipeline.base import Cancelled, Outcome, Pipeline, PipelineJob, Report, Step
from etl_monitor.pipeline.kinds.definition import broken_definitions, offered_kinds


def _step(name: str, *, weight: float) -> Step:
    """Return the step whose function and module have this name.

    The module is imported when the step runs: the service, and workers without a job yet, do
    without pyarrow and NumPy, which take 60 MB.
    """

    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        module = import_module(f"etl_monitor.pipeline.steps.{name}")
        outcome: Outcome | None = getattr(module, name)(job, report, cancelled)
        return outcome

    return Step(name=name, run=run, weight=weight)


def _check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    from etl_monitor.pipeline.answer_files.open import check

    check(source, test_kind, kinds_dir)


# Weights: per cent of the time for 100,000 rows and more (benchmarks/pipeline_memory.py).
PIPELINE = Pipeline(
    name="aptitude",
    steps=(
        _step("extract", weight=60),
        _step("validate", weight=7),
        _step("score", weight=3),
        _step("norm", weight=6),
        _step("analyse", weight=5),
        _step("load", weight=19),
    ),
    kinds=offered_kinds,
    problems=broken_definitions,
    check=_check,
)
