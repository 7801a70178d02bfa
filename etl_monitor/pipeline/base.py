"""What a pipeline is: named steps over `run(job, report, cancelled)`. Knows nothing of the service.

A company's own pipeline is a `Pipeline` in a module of theirs, named by
`ETL_MONITOR_PIPELINE=package.module:NAME`; `docs/pipeline.md` shows one in thirty lines.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from etl_monitor.wire.result import TestKind
from etl_monitor.wire.statistics import Statistics

Cancelled = Callable[[], bool]
"""True once somebody asked to cancel. A step looks after each chunk and then simply returns."""


class Report(Protocol):
    """How a step tells how far it is. Cheap: call it after every chunk."""

    def __call__(self, rows_done: int, rows_total: int) -> None:
        """`rows_done` of the `rows_total` rows of this step are done."""

    def log(
        self,
        message: str,
        level: str = "info",
        *,
        code: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """A line for the job's log. Levels: info, warning, error. `code` and `details` (JSON) let a
        page say the same in its reader's language."""


@dataclass(frozen=True, kw_only=True)
class PipelineJob:
    """What a step gets to work on."""

    job_id: str
    test_id: str
    test_kind: str
    title: str
    source: Path  # the answer file, as uploaded; never written to
    work_dir: Path  # private to this job, empty at the start, removed at its end
    kinds_dir: Path | None = None  # a company's own test kind definitions


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text about the result. `summary` (one line) and `content` by language code."""

    type: str
    summary: Mapping[str, str]
    content: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a finished job leaves behind; the service swaps it in, in one step."""

    respondents: int
    documents: Sequence[Document] = ()
    statistics: Statistics | None = None
    scores: Path | None = None  # a Parquet file in the job's work_dir, one row a respondent


StepFunction = Callable[[PipelineJob, Report, Cancelled], Outcome | None]


@dataclass(frozen=True, kw_only=True)
class Step:
    name: str
    run: StepFunction
    weight: float = 1.0  # its usual share of the whole job's time; only the progress bar uses it
    longest_silence: float = 0.0
    """Seconds for which it may call neither `report` nor `cancelled`, where it needs more than
    `ETL_MONITOR_HUNG_AFTER`. One that is silent for longer is taken for hung and killed."""


def _no_kinds(kinds_dir: Path | None) -> Sequence[TestKind]:
    return ()


def _no_check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """The last step returns the `Outcome`. A step that cannot go on raises `PipelineError`."""

    name: str
    steps: tuple[Step, ...]
    kinds: Callable[[Path | None], Sequence[TestKind]] = _no_kinds
    """The test kinds that files can be uploaded for. None at all: any name is accepted."""
    check: Callable[[Path, str, Path | None], None] = _no_check
    """A quick look at a file before it is accepted; raises `PipelineError`. Reads no more than the
    first rows."""
