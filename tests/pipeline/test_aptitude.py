"""The whole pipeline over real files."""

import hashlib
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pyarrow import parquet

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.base import Step
from etl_monitor.pipeline.samples.files import SAMPLES, FileFormat, Sample, write_sample
from tests.support.step_harness import (
    RecordingReport,
    a_job,
    error_of_tiny,
    run,
    run_tiny,
    scores_of,
    tiny_csv,
)

RATINGS = Sample(
    key="ratings",
    title="인성검사",
    test_kind="big_five_50",
    user_id="kim.minji",
    respondents=20_000,
    seed=1,
    file_format="csv-utf8",
    groups=("개발", "영업", "생산", "연구", "인사·총무", "마케팅"),
)
CHOICES = replace(RATINGS, key="choices", test_kind="reasoning_4x10", respondents=3_000)
FORMATS: tuple[FileFormat, ...] = ("csv-utf8", "csv-cp949", "parquet")


def written(folder: Path, sample: Sample) -> Path:
    path = folder / f"answers-{sample.file_format}"
    write_sample(sample, path)
    return path


@pytest.mark.parametrize("file_format", FORMATS)
@pytest.mark.parametrize("sample", [RATINGS, CHOICES], ids=lambda sample: sample.key)
def test_every_step_counts_its_rows_and_leaves_the_source_alone(
    tmp_path: Path, sample: Sample, file_format: FileFormat
) -> None:
    source = written(tmp_path, replace(sample, file_format=file_format))
    before = hashlib.sha256(source.read_bytes()).digest()
    PIPELINE.check(source, sample.test_kind, None)
    job = a_job(tmp_path, source, sample.test_kind)
    for step in PIPELINE.steps:
        report = RecordingReport()
        outcome = step.run(job, report, lambda: False)
        shares = [done / total for done, total in report.progress]
        assert all(earlier <= later for earlier, later in pairwise(shares)), step.name
        assert report.progress[-1] == (sample.respondents, sample.respondents), step.name
        assert (outcome is not None) == (step is PIPELINE.steps[-1])
    assert hashlib.sha256(source.read_bytes()).digest() == before
    assert outcome is not None
    assert outcome.respondents == sample.respondents
    assert len(outcome.documents) == 2


@pytest.mark.parametrize("sample", [RATINGS, CHOICES], ids=lambda sample: sample.key)
def test_the_same_answers_have_the_same_scores_in_every_format(
    tmp_path: Path, sample: Sample
) -> None:
    tables = []
    for file_format in FORMATS:
        folder = tmp_path / file_format
        folder.mkdir()
        source = written(folder, replace(sample, file_format=file_format))
        outcome = run(a_job(folder, source, sample.test_kind))
        assert outcome is not None
        assert outcome.scores is not None
        tables.append((parquet.read_table(outcome.scores), outcome.statistics, outcome.documents))
    assert tables[0][0].equals(tables[1][0])
    assert tables[0][0].equals(tables[2][0])
    assert tables[0][1:] == tables[1][1:] == tables[2][1:]


class CancelAfter:
    """A `Cancelled` that returns False `times` times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("step", PIPELINE.steps, ids=lambda step: step.name)
@pytest.mark.parametrize("times", [0, 1])
def test_a_step_stops_at_its_next_chunk(tmp_path: Path, step: Step, times: int) -> None:
    source = written(tmp_path, RATINGS)
    job = a_job(tmp_path, source, RATINGS.test_kind)
    for earlier in PIPELINE.steps[: PIPELINE.steps.index(step)]:
        earlier.run(job, RecordingReport(), lambda: False)
    report, cancelled = RecordingReport(), CancelAfter(times)
    assert step.run(job, report, cancelled) is None
    assert cancelled.left == -1  # the step did not ask again
    assert not report.progress or report.progress[-1][0] < RATINGS.respondents


def test_scores_computed_by_hand(tmp_path: Path) -> None:
    """Calm: Q1 + (6 - Q2) + Q3, possible 3 … 15; warm: Q4 + Q5."""
    content = tiny_csv(
        [
            ("a", 5, 1, 5, 1, 1),  # 15, 2
            ("b", 1, 5, 1, 5, 5),  # 3, 10
            ("c", 3, 3, "", 4, 2),  # (3 + 3) / 2 * 3 = 9, 6
            ("c", 1, 5, 1, 5, 5),  # again
            ("d", 4, 4, 4, 4, 4),  # the same throughout
            ("e", 9, 1, 1, 1, 1),  # not on the scale
        ]
    )
    scores = scores_of(run_tiny(tmp_path, content))
    assert scores["respondent_id"] == ["a", "b", "c", "c", "d", "e"]
    assert scores["row"] == [2, 3, 4, 5, 6, 7]
    assert scores["usable"] == [True] * 3 + [False] * 3
    assert scores["excluded_for"][3:] == ["duplicate", "straight_lining", "out_of_range"]
    assert scores["calm_raw"] == [15, 3, 9, None, None, None]
    assert scores["warm_raw"] == [2, 10, 6, None, None, None]
    assert scores["calm_percentile"][:3] == pytest.approx([250 / 3, 50 / 3, 50])
    assert scores["calm_t"][:3] == pytest.approx([60, 40, 50])
    assert scores["group"] == [None] * 6
    assert scores["calm_group_t"] == [None] * 6
    assert "taken_at" not in scores


def test_group_norms_and_taken_at(tmp_path: Path) -> None:
    content = (
        "respondent_id,group,taken_at,Q1,Q2,Q3,Q4,Q5\n"
        "a,연구,2026-03-02,5,1,5,1,1\n"
        "b,연구,2026-03-03,3,3,2,1,2\n"
        "c, 영업 ,2026-03-04,1,5,1,2,1\n"
        "d,,,1,5,1,2,1\n"
    )
    outcome = run_tiny(tmp_path, content)
    scores = scores_of(outcome)
    assert scores["group"] == ["연구", "연구", "영업", None]
    assert scores["taken_at"] == ["2026-03-02", "2026-03-03", "2026-03-04", ""]
    assert scores["calm_group_percentile"] == [75, 25, 50, None]
    assert scores["calm_group_t"][2:] == [None, None]
    assert outcome is not None
    assert outcome.statistics is not None
    assert outcome.statistics.groups == ("연구", "영업")
    groups = outcome.statistics.scales[0].groups
    assert [(g.group, g.n, g.mean) for g in groups] == [("연구", 2, 11.5), ("영업", 1, 3)]


def test_statistics_of_one_respondent_are_none_and_never_nan(tmp_path: Path) -> None:
    outcome = run_tiny(tmp_path, tiny_csv([("a", 1, 2, 3, 4, "")]))
    assert outcome is not None
    assert outcome.statistics is not None
    assert "NaN" not in outcome.statistics.model_dump_json()
    assert outcome.statistics.scales[0].sd is None
    assert outcome.statistics.scales[0].alpha is None
    assert outcome.statistics.items[4].mean is None


def test_half_of_the_rows_may_be_unusable_but_not_more(tmp_path: Path) -> None:
    good, bad = ("a", 1, 2, 3, 4, 5), ("b", "x", 2, 3, 4, 5)
    assert run_tiny(tmp_path, tiny_csv([good, bad]))
    error = error_of_tiny(tmp_path, tiny_csv([good, bad, bad]))
    assert error.code == "too_many_invalid_rows"


def test_too_many_invalid_rows_says_which_and_why(tmp_path: Path) -> None:
    content = tiny_csv(
        [
            ("good", 1, 2, 3, 4, 5),
            ("text", 1, "그렇다", 3, 4, 5),
            ("good", 1, 2, 3, 4, 5),
            ("short", 1, 2),
            ("empty", "", "", "", 4, ""),
            ("same", 2, 2, 2, 2, 2),
            ("", 1, 2, 3, 4, 5),
        ]
    )
    error = error_of_tiny(tmp_path, content)
    assert error.details == {
        "total": 7,
        "unusable": 6,
        "reason": "most",
        "reasons": {
            "no_respondent_id": 1,
            "missing": 1,
            "out_of_range": 1,
            "duplicate": 1,
            "straight_lining": 1,
            "malformed": 1,
        },
        "rows": [
            bad(3, "text", "out_of_range", "Q2", "그렇다"),
            bad(4, "good", "duplicate", "respondent_id", "good"),
            bad(5, "short", "malformed", None, "3/6"),
            bad(6, "empty", "missing", None, "4/5"),
            bad(7, "same", "straight_lining", None, "2"),
            bad(8, "", "no_respondent_id", None, None),
        ],
    }
    assert list(error.details["reasons"])[:2] == ["no_respondent_id", "missing"]
    assert "6 of 7 rows cannot be used" in error.message
    assert "row 3 (text), an answer outside of the range: Q2 = '그렇다'" in error.message


def bad(
    row: int, respondent: str, reason: str, column: str | None, value: str | None
) -> dict[str, object]:
    return {
        "row": row,
        "respondent": respondent,
        "reason": reason,
        "column": column,
        "value": value,
    }


def test_a_column_entirely_text_fails_with_the_column_named(tmp_path: Path) -> None:
    rows = [(f"r{n}", 1, 2, "often", 4, 5) for n in range(30)]
    error = error_of_tiny(tmp_path, tiny_csv(rows))
    assert error.details["reasons"] == {"out_of_range": 30}
    assert len(error.details["rows"]) == 10
    assert {row["column"] for row in error.details["rows"]} == {"Q3"}


def test_the_broken_sample_breaks_as_it_should(tmp_path: Path) -> None:
    sample = next(sample for sample in SAMPLES if sample.broken)
    source = written(tmp_path, sample)
    with pytest.raises(PipelineError) as caught:
        run(a_job(tmp_path, source, sample.test_kind))
    assert caught.value.code == "too_many_invalid_rows"
    assert {row["reason"] for row in caught.value.details["rows"]} >= {"missing", "out_of_range"}
