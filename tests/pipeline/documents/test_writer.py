"""The documents about a result, in both languages."""

from pathlib import Path

import pytest

from etl_monitor.i18n.translator import LANGUAGES
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
    assert "| \\<b\\>\\|\\[x\\]\\(http\\:\u200b//e\\.vil\\) \\# h | 1 |" in content
    assert r"| R\&D | 1 |" in content


def test_one_respondent_is_enough_for_documents(tmp_path: Path) -> None:
    outcome = run_tiny(tmp_path, tiny_csv([("a", 1, 2, 3, 4, 5)]))
    assert outcome is not None
    summary = outcome.documents[0]
    assert summary.type == "aptitude_summary"
    assert "Reliability cannot be computed from these answers." in summary.content["en"]
    assert "1 of 1 respondents were scored." in summary.summary["en"]


SUMMARY = {
    "en": """### Summary

3 of 4 respondents were scored. Excluded: answers out of range (1).

Reliability (Cronbach’s α) lies between 0.95 and 0.98.

### Scales

| Scale | Mean | SD | P5 | Median | P95 | Possible range | Cronbach’s α |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| Calm | 8.7 | 5.0 | 4.4 | 8.0 | 13.4 | 3–15 | 0.95 |
| Warm | 6.3 | 4.0 | 2.5 | 7.0 | 9.7 | 2–10 | 0.98 |

### Groups

| Group | n | Calm | Warm |
| --- | ---: | ---: | ---: |
| 연구 | 2 | 11.0 | 4.5 |
| 영업 | 1 | 4.0 | 10.0 |""",
    "ko": """### 요약

응시자 4명 중 3명을 채점했습니다. 제외: 범위를 벗어난 응답 1명.

신뢰도(크론바흐 α) 범위: 0.95~0.98.

### 척도

| 척도 | 평균 | 표준편차 | P5 | 중앙값 | P95 | 가능한 범위 | 크론바흐 α |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| 차분함 | 8.7 | 5.0 | 4.4 | 8.0 | 13.4 | 3~15 | 0.95 |
| 따뜻함 | 6.3 | 4.0 | 2.5 | 7.0 | 9.7 | 2~10 | 0.98 |

### 집단

| 집단 | 인원 | 차분함 | 따뜻함 |
| --- | ---: | ---: | ---: |
| 연구 | 2 | 11.0 | 4.5 |
| 영업 | 1 | 4.0 | 10.0 |""",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_summary_word_for_word(tmp_path: Path, language: str) -> None:
    outcome = run_tiny(
        tmp_path,
        "respondent_id,group,Q1,Q2,Q3,Q4,Q5\n"
        "a,연구,5,1,4,1,1\nb,연구,3,4,3,3,4\nc,영업,1,4,1,5,5\nd,영업,7,4,1,5,5\n",
    )
    assert outcome is not None
    assert outcome.documents[0].content[language] == SUMMARY[language]


def test_the_summary_counts_rows_without_respondent_id(tmp_path: Path) -> None:
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
    assert "Excluded: rows without a respondent_id (2)." in content["en"]
    assert "제외: respondent_id가 없는 행 2개." in content["ko"]
