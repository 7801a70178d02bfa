"""A pipeline whose jobs stop right before they complete, until a test lets them go.

The answer file names a port of the test's. A job calls there, and is told of how many respondents
its results are to be: so each result tells of which run it is.
"""

import json
import socket

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

KIND = "racing"
SETTING = {
    "ETL_MONITOR_PIPELINE": "tests.support.racing:PIPELINE",
    "ETL_MONITOR_HUNG_AFTER": "600",  # whoever waits at the finish line says nothing
}


class FinishLine:
    """Where a test waits for its jobs, one after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(60)

    def file(self) -> bytes:
        """The answer file of the test whose jobs come here."""
        return json.dumps(self._listener.getsockname()[1]).encode()

    def arrival(self) -> "Arrival":
        """The next job, once it has nothing left to do but to complete."""
        line, _ = self._listener.accept()
        line.settimeout(60)
        return Arrival(line)

    def close(self) -> None:
        self._listener.close()


class Arrival:
    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def let_go(self, rows: int) -> None:
        with self._line:
            self._line.sendall(f"{rows}\n".encode())


def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome:
    rows = _waited(json.loads(job.source.read_text("utf-8")))
    text = {"en": f"{rows} respondents"}
    return Outcome(
        respondents=rows,
        documents=[Document(type="summary", summary=text, content=text)],
        statistics=Statistics(
            respondents=Respondents(total=rows, usable=rows, excluded={}), scales=(), items=()
        ),
    )


def _waited(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile() as told:
        return int(told.readline())


PIPELINE = Pipeline(
    name="racing",
    steps=(Step(name="run", run=run),),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names={"en": "Racing"}, columns=("port",)),),
)
