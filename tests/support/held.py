"""A pipeline whose jobs a test can hold; the results of each run differ.

The answer file names a folder, see `Control`. A job can be held in each step, while it publishes
its results, and right after that.
"""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

from etl_monitor.pipeline.base import (
    Cancelled,
    Document,
    Outcome,
    Pipeline,
    PipelineJob,
    Report,
    Step,
)
from etl_monitor.service.results import publish
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.wire.result import TestKind
from etl_monitor.wire.statistics import Respondents, Statistics
from tests.support.scripted import write_scores

KIND = "held"
SETTING = {
    "ETL_MONITOR_PIPELINE": "tests.support.held:PIPELINE",
    "ETL_MONITOR_HUNG_AFTER": "600",  # a held step gives no sign of life
}
STEPS = ("prepare", "work", "finish")
HOLD_POINTS = (*STEPS, "publishing", "published")

_never = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Control:
    """The files that control a job: `rows` is the number of respondents of the next run, `hold`
    names the place to stop at, `at-…` says that the job is there."""

    folder: Path

    def file(self) -> bytes:
        return json.dumps(str(self.folder)).encode()

    def rows(self) -> int:
        return int((self.folder / "rows").read_text())

    def set_rows(self, rows: int) -> None:
        (self.folder / "rows").write_text(str(rows))

    def hold(self, place: str) -> None:
        """Replace the hold atomically."""
        new = self.folder / "hold.new"
        new.write_text(place)
        new.replace(self.folder / "hold")

    def let_go(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)

    def is_at(self, place: str) -> bool:
        return (self.folder / f"at-{place}").exists()

    def arrive(self, place: str) -> None:
        while self._holds(place):
            (self.folder / f"at-{place}").touch()
            _never.wait(0.01)

    def _holds(self, place: str) -> bool:
        try:
            return (self.folder / "hold").read_text() == place
        except FileNotFoundError:
            return False


def _control(job: PipelineJob) -> Control:
    return Control(folder=Path(json.loads(job.source.read_text("utf-8"))))


class HeldDocuments(Sequence[Document]):
    """Read while the database's transaction is open."""

    def __init__(self, control: Control, rows: int) -> None:
        self._control = control
        text = {"en": f"{rows} respondents"}
        self._documents = [Document(type="summary", summary=text, content=text)]

    def __iter__(self) -> Iterator[Document]:
        self._control.arrive("publishing")
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Document]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._documents[index]


def _step(name: str) -> Step:
    def run(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
        control = _control(job)
        (job.work_dir / name).write_text("half done")
        control.arrive(name)
        report(control.rows(), control.rows())
        return _outcome(job, control) if name == STEPS[-1] else None

    return Step(name=name, run=run)


def _outcome(job: PipelineJob, control: Control) -> Outcome:
    rows, scores = control.rows(), job.work_dir / "scores.parquet"
    write_scores(scores, rows)
    _published.append(control)
    return Outcome(
        respondents=rows,
        documents=HeldDocuments(control, rows),
        statistics=Statistics(
            respondents=Respondents(total=rows, usable=rows, excluded={}), scales=(), items=()
        ),
        scores=scores,
    )


# The removal of the old scores, which ends the publication, is not part of a pipeline.
_published: list[Control] = []
_remove = publish._remove_scores


def _held_remove_scores(folders: Folders, scores: str | None) -> None:
    _published.pop().arrive("published")
    _remove(folders, scores)


# Not in the process of the tests, which imports this module as well.
if os.environ.get("ETL_MONITOR_PIPELINE") == SETTING["ETL_MONITOR_PIPELINE"]:
    publish._remove_scores = _held_remove_scores

PIPELINE = Pipeline(
    name="held",
    steps=tuple(_step(name) for name in STEPS),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names={"en": "Held"}, columns=("folder",)),),
)
