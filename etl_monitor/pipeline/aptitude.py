"""The pipeline that ships: scores answer files of aptitude and personality tests.

extract → validate → score → norm → analyse → load. Each step is a module of `steps`; they exchange
files in the job's work_dir (`steps/workspace.py`).
"""

from etl_monitor.pipeline.answer_files.open import check
from etl_monitor.pipeline.base import Pipeline, Step
from etl_monitor.pipeline.kinds.definition import broken_definitions, offered_kinds
from etl_monitor.pipeline.steps.analyse import analyse
from etl_monitor.pipeline.steps.extract import extract
from etl_monitor.pipeline.steps.load import load
from etl_monitor.pipeline.steps.norm import norm
from etl_monitor.pipeline.steps.score import score
from etl_monitor.pipeline.steps.validate import validate

# Weights: per cent of the time for 100,000 rows and more (benchmarks/pipeline_memory.py).
PIPELINE = Pipeline(
    name="aptitude",
    steps=(
        Step(name="extract", run=extract, weight=35),
        Step(name="validate", run=validate, weight=8),
        Step(name="score", run=score, weight=7),
        Step(name="norm", run=norm, weight=20),
        Step(name="analyse", run=analyse, weight=15),
        Step(name="load", run=load, weight=15),
    ),
    kinds=offered_kinds,
    problems=broken_definitions,
    check=check,
)
