from pathlib import Path

import pytest

from etl_monitor.pipeline.documents.phrases import ENGLISH, KOREAN
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import find_kind
from etl_monitor.pipeline.samples.files import SAMPLES, write_sample
from tests.support.step_harness import a_job, run, run_tiny, scores_of, tiny_csv


@pytest.mark.parametrize("test_kind", ["big_five_50", "reasoning_4x10"])
def test_a_kind_has_the_documents_that_its_definition_names(tmp_path: Path, test_kind: str) -> None:
    sample = min((s for s in SAMPLES if s.test_kind == test_kind), key=lambda s: s.respondents)
    write_sample(sample, tmp_path / "answers")
    outcome = run(a_job(tmp_path, tmp_path / "answers", test_kind))
    assert outcome is not None
    kind = find_kind(test_kind, None)
    assert tuple(document.type for document in outcome.documents) == kind.documents
    for document in outcome.documents:
        assert set(document.summary) == set(document.content) == {"ko", "en"}
        for scale in kind.scales:
            first_word = scale.names.en.split()[0]
            assert first_word in document.content["en"]
        assert "\n" not in document.summary["ko"] + document.summary["en"]
        assert "nan" not in document.content["en"]


def test_a_group_with_markup_in_its_name_shows_as_text(tmp_path: Path) -> None:
    outcome = run_tiny(
        tmp_path,
        "respondent_id,group,Q1,Q2,Q3,Q4,Q5\n"
        'a,"<b>|[x](http://e.vil)\n# h",1,2,3,4,5\n'
        "b,R&D,1,2,3,4,5\n",
    )
    assert outcome is not None
    content = outcome.documents[0].content["en"]
    assert r"| \<b\>\|\[x\]\(http\://e.vil\) \# h | 1 |" in content
    assert r"| R\&D | 1 |" in content


def test_one_respondent_is_enough_for_documents(tmp_path: Path) -> None:
    outcome = run_tiny(tmp_path, tiny_csv([("a", 1, 2, 3, 4, 5)]))
    assert outcome is not None
    summary = outcome.documents[0]
    assert summary.type == "aptitude_summary"
    assert ENGLISH.no_reliability in summary.content["en"]
    assert "1 of 1 respondents were scored." in summary.summary["en"]


def test_both_languages_know_every_reason_and_flag() -> None:
    reasons = {*(verdict.reason for verdict in ExclusionReason if verdict), MALFORMED}
    assert set(KOREAN.reasons) == set(ENGLISH.reasons) == reasons
    assert set(KOREAN.flags) == set(ENGLISH.flags)


def test_rows_without_respondent_id_are_told_as_such(tmp_path: Path) -> None:
    rows = [
        ("a", 1, 2, 3, 4, 5),
        ("", 1, 2, 3, 4, 5),
        (" ", "", "", "", "", 5),
        ("b", 1, 2, 3, 4, 5),
    ]
    outcome = run_tiny(tmp_path, tiny_csv(rows))
    assert outcome is not None
    assert outcome.statistics is not None
    assert outcome.statistics.respondents.excluded == {"no_respondent_id": 2}
    assert scores_of(outcome)["excluded_for"] == [None, *["no_respondent_id"] * 2, None]
    content = outcome.documents[0].content
    assert "Left out: rows without a respondent_id (2)." in content["en"]
    assert "제외: respondent_id가 없는 행 2개." in content["ko"]
