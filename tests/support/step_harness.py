"""Helpers for tests of the pipeline: small answer files, a recording report, a whole run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.base import Outcome, PipelineJob
from etl_monitor.pipeline.kinds.definition import find_kind

TINY = """
key = "tiny"
documents = ["personality_analysis"]
names = { ko = "작은 검사", en = "Tiny" }
answers = { form = "rating", lowest = 1, highest = 5 }
rules = { largest_missing_share = 0.4, straight_lining_share = 0.9 }

[[scales]]
key = "calm"
names = { ko = "차분함", en = "Calm" }
items = ["Q1", "Q2", "Q3"]
reversed = ["Q2"]

[[scales]]
key = "warm"
names = { ko = "따뜻함", en = "Warm" }
items = ["Q4", "Q5"]
"""


class RecordingReport:
    def __init__(self) -> None:
        self.progress: list[tuple[int, int]] = []
        self.lines: list[tuple[str, str]] = []

    def __call__(self, rows_done: int, rows_total: int | None) -> None:
        assert rows_total is not None, "the shipped pipeline knows how many rows there are"
        self.progress.append((rows_done, rows_total))

    def log(self, message: str, level: str = "info", **_: Any) -> None:
        self.lines.append((level, message))


def tiny_kinds(folder: Path) -> Path:
    kinds = folder / "kinds"
    kinds.mkdir(exist_ok=True)
    (kinds / "tiny.toml").write_text(TINY, "utf-8")
    return kinds


def a_job(folder: Path, source: Path, test_kind: str, kinds_dir: Path | None = None) -> PipelineJob:
    work_dir = folder / "work"
    work_dir.mkdir(exist_ok=True)
    return PipelineJob(
        job_id="job-1",
        test_id="test-1",
        test_kind=test_kind,
        title="A test",
        source=source,
        work_dir=work_dir,
        kinds_dir=kinds_dir,
    )


def run(job: PipelineJob, until: str = "load") -> Outcome | None:
    """Run the steps up to and including `until`."""
    outcome = None
    for step in PIPELINE.steps:
        outcome = step.run(job, RecordingReport(), lambda: False)
        if step.name == until:
            break
    return outcome


def run_tiny(folder: Path, content: str | bytes, until: str = "load") -> Outcome | None:
    """Run the pipeline over a CSV file of the kind `tiny`."""
    source = folder / "answers.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(a_job(folder, source, "tiny", tiny_kinds(folder)), until)


def error_of_tiny(folder: Path, content: str | bytes) -> PipelineError:
    with pytest.raises(PipelineError) as caught:
        run_tiny(folder, content)
    return caught.value


def tiny_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV file with the columns `respondent_id, Q1 … Q5`."""
    lines = ["respondent_id,Q1,Q2,Q3,Q4,Q5", *(",".join(map(str, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def scores_of(outcome: Outcome | None) -> dict[str, list[Any]]:
    assert outcome is not None
    assert outcome.scores is not None
    return dict(parquet.read_table(outcome.scores).to_pydict())


def write_parquet(path: Path, columns: Mapping[str, Any]) -> Path:
    parquet.write_table(pa.table(dict(columns)), path)
    return path


def header(test_kind: str) -> list[str]:
    return ["respondent_id", *find_kind(test_kind, None).items]


def check_and_run(folder: Path, content: bytes) -> tuple[str, str]:
    """Return the codes of `check` and of the run."""
    source = folder / "answers"
    source.write_bytes(content)
    kinds = tiny_kinds(folder)
    codes = []
    for attempt in (
        lambda: PIPELINE.check(source, "tiny", kinds),
        lambda: run(a_job(folder, source, "tiny", kinds)),
    ):
        codes.append(code_of(attempt))
    return codes[0], codes[1]


def code_of(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except PipelineError as error:
        return error.code if error.message.endswith(".") else f"no sentence: {error.message}"
    return "fine"
