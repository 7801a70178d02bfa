"""A job reads its kind's definition once, and its results keep it."""

import hashlib
import unicodedata
from pathlib import Path

import pytest

from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.base import Outcome
from tests.support.step_harness import (
    TINY,
    RecordingReport,
    a_job,
    run_tiny,
    scores_of,
    tiny_csv,
    tiny_kinds,
)

ANSWERS = tiny_csv([[f"r{n}", 1 + n % 5, 2, 3, 4 - n % 2, 5] for n in range(40)])


def run_with_edit(folder: Path, edited: str | None, after: str) -> Outcome:
    folder.mkdir()
    source = folder / "answers.csv"
    source.write_text(ANSWERS)
    kinds = tiny_kinds(folder)
    job, outcome = a_job(folder, source, "tiny", kinds), None
    for step in PIPELINE.steps:
        outcome = step.run(job, RecordingReport(), lambda: False)
        if edited is not None and step.name == after:
            (kinds / "tiny.toml").write_text(edited, "utf-8")
    assert outcome is not None
    return outcome


@pytest.mark.parametrize(
    "edited", [TINY.replace('reversed = ["Q2"]', 'reversed = ["Q1"]'), "key ="]
)
@pytest.mark.parametrize("after", ["extract", "validate", "score", "norm", "analyse"])
def test_an_edit_while_a_job_runs_changes_nothing(tmp_path: Path, edited: str, after: str) -> None:
    usual = run_with_edit(tmp_path / "usual", None, after)
    other = run_with_edit(tmp_path / "edited", edited, after)
    assert scores_of(other) == scores_of(usual)
    assert other.statistics == usual.statistics


def test_the_statistics_have_the_definition(tmp_path: Path) -> None:
    outcome = run_with_edit(tmp_path / "usual", None, "")
    assert outcome.statistics is not None
    definition = outcome.statistics.definition
    assert definition is not None
    assert definition.text == TINY
    assert definition.sha256 == hashlib.sha256(TINY.encode()).hexdigest()


def test_hangul_of_macos_is_the_same_group_and_respondent(tmp_path: Path) -> None:
    rows = [f"김{number},서울,1,{number + 1},3,4,5\n" for number in range(5)]
    decomposed = unicodedata.normalize("NFD", "".join(rows))
    header = "respondent_id,group,Q1,Q2,Q3,Q4,Q5\n"
    outcome = run_tiny(tmp_path, header + "".join(rows) + decomposed)
    assert outcome is not None
    assert outcome.statistics is not None
    assert outcome.statistics.groups == ("서울",)
    assert outcome.statistics.respondents.excluded == {"duplicate": 5}
