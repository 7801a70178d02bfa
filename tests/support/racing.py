"""A pipeline whose jobs stop right before they complete, until a test releases them.

The answer file names a port on which the test listens. A job connects to it and receives the number
of respondents of its results, so that each run has its own number.
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
    "ETL_MONITOR_HUNG_AFTER": "600",  # a waiting job gives no sign of life
}


class FinishLine:
    """The port on which a test waits for its jobs, one after the other."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(60)

    def file(self) -> bytes:
        """Return the answer file of the test whose jobs connect here."""
        return json.dumps(self._listener.getsockname()[1]).encode()

    def arrival(self) -> "Arrival":
        """Wait for the next job that is about to complete."""
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
    with socket.create_connection(("127.0.0.1", port)) as line, line.makefile() as reply:
        return int(reply.readline())


PIPELINE = Pipeline(
    name="racing",
    steps=(Step(name="run", run=run),),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names={"en": "Racing"}, columns=("port",)),),
)
