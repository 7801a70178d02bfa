"""A pipeline that follows a script in the answer file, in JSON (see `Script`)."""

import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.base import (
    Cancelled,
    Document,
    Outcome,
    Pipeline,
    PipelineJob,
    Report,
    Step,
)
from etl_monitor.wire.result import TestKind
from etl_monitor.wire.statistics import Respondents, Statistics

KIND = "scripted"
LIMITED_KIND = "scripted_limited"
SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.scripted:PIPELINE"}
UNHURRIED_SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.scripted:UNHURRIED"}

_never = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Script:
    rows: int = 100
    chunk: int = 10
    gate: str | None = None  # a file for which the second step waits
    ignore_cancel: bool = False
    silent: bool = False  # no reports while it waits at the gate
    hangs: bool = False  # at the gate, without any sign of life
    fail: bool = False
    bug: bool = False
    die: bool = False
    child: bool = False  # starts a process that would outlive it
    pause: float = 0.0  # seconds before each report of the first step
    padding: int = 0  # bytes that make the file larger

    def file(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b" " * self.padding


def prepare(job: PipelineJob, report: Report, cancelled: Cancelled) -> None:
    script = _script(job)
    report.log(f"prepare {script.rows} rows")
    for done in range(0, script.rows, script.chunk):
        _never.wait(script.pause)
        report(done, script.rows)
    report(script.rows, script.rows)


def work(job: PipelineJob, report: Report, cancelled: Cancelled) -> None:
    script = _script(job)
    _start_child(script, report)
    while script.gate and not Path(script.gate).exists():
        if script.hangs:
            _never.wait(0.01)
            continue
        if cancelled() and not script.ignore_cancel:
            return
        if not script.silent:
            report(script.rows // 2, script.rows)
        _never.wait(0.01)
    if script.die:
        os._exit(9)
    if script.fail:
        raise PipelineError("too_bad", "The answers are too bad.", {"rows": script.rows})
    if script.bug:
        raise ZeroDivisionError("secret of the program")
    report(script.rows, script.rows)


def _start_child(script: Script, report: Report) -> None:
    if script.child:
        waits = "import threading; threading.Event().wait(600)"
        report.log(f"child {subprocess.Popen([sys.executable, '-c', waits]).pid}")


def finish(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome:
    script, scores = _script(job), job.work_dir / "scores.parquet"
    write_scores(scores, script.rows)
    counted = Respondents(total=script.rows, usable=script.rows, excluded={})
    return Outcome(
        respondents=script.rows,
        documents=[
            Document(
                type="aptitude_summary",
                summary={"ko": "요약", "en": "summary"},
                content={"ko": "내용 " * 200, "en": f"content of {job.title} " * 100},
            )
        ],
        statistics=Statistics(respondents=counted, scales=(), items=()),
        scores=scores,
    )


def write_scores(file: Path, rows: int) -> None:
    """Write scores of so many respondents. From CSV: for values of Python, Arrow imports pandas,
    a quarter of a second in each worker's first job."""
    import pyarrow as pa  # only where it is used, as in the pipeline that ships
    from pyarrow import csv, parquet

    types = csv.ConvertOptions(column_types={"respondent_id": pa.string(), "score": pa.int64()})
    lines = "".join(f"=p{number},{number}\n" for number in range(rows))
    table = csv.read_csv(
        io.BytesIO(f"respondent_id,score\n{lines}".encode()), convert_options=types
    )
    parquet.write_table(table, file)


def check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    try:
        json.loads(source.read_text("utf-8"))
    except ValueError as error:
        raise PipelineError("unreadable_file", "No script.", {"reason": str(error)}) from error


def _script(job: PipelineJob) -> Script:
    return Script(**json.loads(job.source.read_text("utf-8")))


PIPELINE = Pipeline(
    name="scripted",
    steps=(
        Step(name="prepare", run=prepare),
        Step(name="work", run=work, weight=3.0),
        Step(name="finish", run=finish),
    ),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names={"en": "Scripted"}, columns=("script",)),),
    check=check,
)

# The same pipeline, but its steps declare a long silence.
SILENT_STEP = replace(
    PIPELINE, steps=tuple(replace(step, longest_silence=600.0) for step in PIPELINE.steps)
)

# The same pipeline, whose first and last step may be silent: on a busy machine even a step without
# any waiting takes its time. Only `work` is found hung. It has a second kind.
UNHURRIED = replace(
    PIPELINE,
    kinds=lambda kinds_dir: tuple(
        TestKind(key=key, names={"en": "Scripted"}, columns=("script",))
        for key in (KIND, LIMITED_KIND)
    ),
    steps=tuple(
        replace(step, longest_silence=0.0 if step.name == "work" else 600.0)
        for step in PIPELINE.steps
    ),
)
