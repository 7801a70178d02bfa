"""A pipeline that stops where a test wants it to; each of its results tells of which run it is.

The answer file names a folder, see `Control`. Besides the steps a job can be held while its results
are being put in the place of the old ones, and right after that.
"""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import pyarrow as pa
import pyarrow.parquet as pq

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

KIND = "held"
SETTING = {
    "ETL_MONITOR_PIPELINE": "tests.support.held:PIPELINE",
    "ETL_MONITOR_HUNG_AFTER": "600",  # whoever is held says nothing
}
STEPS = ("prepare", "work", "finish")
PLACES = (*STEPS, "swapping", "swapped")

_never = threading.Event()


@dataclass(frozen=True, kw_only=True)
class Control:
    """`rows`: how many respondents the next run finds; `hold`: where it stops; `at`: it did."""

    folder: Path

    def file(self) -> bytes:
        return json.dumps(str(self.folder)).encode()

    def rows(self) -> int:
        return int((self.folder / "rows").read_text())

    def set_rows(self, rows: int) -> None:
        (self.folder / "rows").write_text(str(rows))

    def hold(self, place: str) -> None:
        """In place of an earlier one, at once."""
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
        self._control.arrive("swapping")
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
    pq.write_table(pa.table({"score": range(rows)}), scores)
    _held_in_the_end.append(control)
    return Outcome(
        respondents=rows,
        documents=HeldDocuments(control, rows),
        statistics=Statistics(
            respondents=Respondents(total=rows, usable=rows, excluded={}), scales=(), items=()
        ),
        scores=scores,
    )


# The end of a swap, where the old scores are cleared away, is no place of a pipeline's.
_held_in_the_end: list[Control] = []
_remove = publish._remove_scores


def _held_remove_scores(folders: Folders, scores: str | None) -> None:
    _held_in_the_end.pop().arrive("swapped")
    _remove(folders, scores)


# Only in a process whose jobs are to be held: a test's own process imports this module too.
if os.environ.get("ETL_MONITOR_PIPELINE") == SETTING["ETL_MONITOR_PIPELINE"]:
    publish._remove_scores = _held_remove_scores

PIPELINE = Pipeline(
    name="held",
    steps=tuple(_step(name) for name in STEPS),
    kinds=lambda kinds_dir: (TestKind(key=KIND, names={"en": "Held"}, columns=("folder",)),),
)
