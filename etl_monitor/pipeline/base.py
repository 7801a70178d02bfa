"""What a pipeline is: named steps, each a function `run(job, report, cancelled)`.

A company's own pipeline imports nothing else of the product. It is a `Pipeline` in the company's
module, named by `ETL_MONITOR_PIPELINE=package.module:NAME`; `docs/pipeline.md` shows one in thirty
lines. The names in `__all__` are stable. Nothing here depends on the service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from etl_monitor.errors import PipelineError
from etl_monitor.wire.result import TestKind
from etl_monitor.wire.statistics import (
    GroupScore,
    Histogram,
    ItemStatistics,
    Respondents,
    ScaleStatistics,
    Statistics,
)

__all__ = [
    "REJECTED_ROWS",
    "REJECTED_SUMMARY",
    "Cancelled",
    "Document",
    "GroupScore",
    "Histogram",
    "ItemStatistics",
    "Outcome",
    "Pipeline",
    "PipelineError",
    "PipelineJob",
    "Report",
    "Respondents",
    "ScaleStatistics",
    "Statistics",
    "Step",
    "StepFunction",
    "TestKind",
]

REJECTED_ROWS = "rejected.parquet"
"""The file in a job's work_dir that lists the rows left out, if a step writes it: the columns `row`
(int64), `respondent`, `column`, `value` and `reason` (strings, null if there is nothing to say)."""

REJECTED_SUMMARY = "rejected_summary"
"""The key in that file's metadata of a `RejectedSummary` as JSON, for a step that counts more than
one column of a row. Without it, `column` and `reason` of the rows are counted."""

Cancelled = Callable[[], bool]
"""Returns True once the job is to be cancelled. A step calls it after each chunk, and returns."""


class Report(Protocol):
    """Reports a step's progress. Cheap: call it after every chunk."""

    def __call__(self, rows_done: int, rows_total: int | None) -> None:
        """Report that `rows_done` of the step's `rows_total` rows are done; None: not known how
        many there are."""

    def log(
        self,
        message: str,
        level: str = "info",
        *,
        code: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a line to the job's log. Levels: info, warning, error.

        With `code` and `details` (JSON), a page can show the line in its reader's language.
        """


@dataclass(frozen=True, kw_only=True)
class PipelineJob:
    """A job as a step receives it."""

    job_id: str
    test_id: str
    test_kind: str
    title: str
    source: Path  # the uploaded answer file; read only
    work_dir: Path  # private to this job, empty at its start, removed at its end
    kinds_dir: Path | None = None  # a company's own test kind definitions


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text about the result. `summary` (one line) and `content` by language code."""

    type: str
    summary: Mapping[str, str]
    content: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a job. The service replaces the previous result with it in one step."""

    respondents: int
    documents: Sequence[Document] = ()
    statistics: Statistics | None = None
    scores: Path | None = None  # a Parquet file in the job's work_dir, one row a respondent


StepFunction = Callable[[PipelineJob, Report, Cancelled], Outcome | None]
"""The work of a step. Raises PipelineError if the job cannot continue."""


@dataclass(frozen=True, kw_only=True)
class Step:
    name: str
    run: StepFunction
    weight: float = 1.0  # the usual share of the job's time, for the progress bar only
    longest_silence: float = 0.0
    """Seconds for which the step may call neither `report` nor `cancelled`, if it needs more than
    `ETL_MONITOR_HUNG_AFTER`. A step that is silent for longer counts as hung and is killed."""


def _no_kinds(kinds_dir: Path | None) -> Sequence[TestKind]:
    return ()


def _no_problems(kinds_dir: Path | None) -> Sequence[PipelineError]:
    return ()


def _no_check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Named steps, run in this order. The last one returns the `Outcome`."""

    name: str
    steps: tuple[Step, ...]
    kinds: Callable[[Path | None], Sequence[TestKind]] = _no_kinds
    """Returns the test kinds that files can be uploaded for. None: any name is accepted."""
    problems: Callable[[Path | None], Sequence[PipelineError]] = _no_problems
    """Returns what is wrong with definitions of test kinds: `kinds` leaves those out."""
    check: Callable[[Path, str, Path | None], None] = _no_check
    """Checks a file before it is accepted, by its first rows at most. Raises PipelineError."""
