"""A pipeline whose step, log and error look like markup."""

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import Cancelled, Outcome, Pipeline, PipelineJob, Report, Step
from etl_monitor.wire.statistics import Respondents, Statistics
from tests.support.scripted import work

ODD = "<img src=x onerror=alert(1)><b>*it* [x](javascript:alert(1)) `c` $y$ :red[z]"
# What renderers of Markdown make something of, even where its signs are escaped.
RENDERED = (
    "www.evil.example https://evil.example a@evil.example :smile: :material/home: -> $x^2$ :blue[b]"
)
SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.odd:PIPELINE"}
FAILS = f"{RENDERED} {ODD} fails"  # a title


def prepare(job: PipelineJob, report: Report, cancelled: Cancelled) -> None:
    report.log(f"log {ODD}")
    report(1, 1)
    if job.title == FAILS:
        raise PipelineError("odd", f"error {ODD}", {})


def finish(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome:
    counted = Respondents(total=1, usable=1, excluded={})
    return Outcome(respondents=1, statistics=Statistics(respondents=counted, scales=(), items=()))


PIPELINE = Pipeline(
    name="odd",
    steps=(
        Step(name="prepare", run=prepare),
        Step(name=f"step {ODD}", run=work),
        Step(name="finish", run=finish),
    ),
)
