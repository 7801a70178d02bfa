"""The example of docs/pipeline.md works as it is shown."""

from pathlib import Path

import pytest

from etl_monitor.pipeline.base import PipelineError
from examples.own_pipeline import PIPELINE
from tests.support.step_harness import RecordingReport, a_job

ROOT = Path(__file__).parents[2]


def test_the_own_pipeline_measures_lines(tmp_path: Path) -> None:
    source = tmp_path / "lines.txt"
    source.write_text("가나다\n" * 25_000, "utf-8")
    job, report = a_job(tmp_path, source, "anything"), RecordingReport()
    measure, publish = PIPELINE.steps
    assert measure.run(job, report, lambda: False) is None
    assert report.progress == [(10_000, 25_000), (20_000, 25_000), (25_000, 25_000)]
    outcome = publish.run(job, report, lambda: False)
    assert outcome is not None
    assert outcome.documents[0].summary["en"] == "25000 lines, longest 3"


def test_it_stops_when_cancelled_and_rejects_an_empty_file(tmp_path: Path) -> None:
    source = tmp_path / "lines.txt"
    source.write_text("a\n" * 25_000)
    job, report = a_job(tmp_path, source, "anything"), RecordingReport()
    PIPELINE.steps[0].run(job, report, lambda: True)
    assert report.progress == [(10_000, 25_000)]
    assert not list(job.work_dir.iterdir())
    source.write_text("")
    with pytest.raises(PipelineError, match="no lines"):
        PIPELINE.steps[0].run(job, report, lambda: False)


def test_it_has_no_kinds_and_accepts_any_file() -> None:
    assert PIPELINE.kinds(None) == ()
    PIPELINE.check(ROOT / "README.md", "anything", None)
