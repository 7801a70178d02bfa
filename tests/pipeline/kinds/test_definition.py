"""Test kinds and the errors of their definitions."""

import csv
import unicodedata
from pathlib import Path

import pytest

from etl_monitor.errors import PipelineError
from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.kinds.definition import find_kind
from tests.support.step_harness import TINY, a_job, run, scores_of

KEYED = """
key = "quiz"
names = { ko = "퀴즈", en = "Quiz" }
answers = { form = "choice", options = ["1", "2", "가"], missing = ["9"] }

[[scales]]
key = "all"
names = { ko = "전체", en = "All" }
items = ["q1", "q2", "q3"]

[answer_key]
q1 = "1"
q2 = "가"
q3 = "2"
"""


def test_the_shipped_kinds() -> None:
    kinds = {kind.key: kind for kind in PIPELINE.kinds(None)}
    assert list(kinds) == ["big_five_50", "reasoning_4x10"]
    assert len(kinds["big_five_50"].columns) == 51
    assert len(kinds["reasoning_4x10"].columns) == 41
    assert all(set(kind.names) == {"ko", "en"} for kind in kinds.values())


# Goldberg's keys by the wording of the items, e.g. EXT2 "Don't talk a lot", EST1 "Get stressed out
# easily", AGR1 "Feel little concern for others", CSN2 "Leave my belongings around", OPN2 "Have
# difficulty understanding abstract ideas".
NEGATIVE = {
    "extraversion": "EXT2 EXT4 EXT6 EXT8 EXT10",
    "agreeableness": "AGR1 AGR3 AGR5 AGR7",
    "conscientiousness": "CSN2 CSN4 CSN6 CSN8",
    "emotional_stability": "EST1 EST3 EST5 EST6 EST7 EST8 EST9 EST10",
    "intellect": "OPN2 OPN4 OPN6",
}


def test_the_big_five_keys_are_goldbergs() -> None:
    scales = find_kind("big_five_50", None).scales
    assert {scale.key: " ".join(scale.reversed) for scale in scales} == NEGATIVE
    assert {len(scale.items) for scale in scales} == {10}


def test_every_reasoning_item_has_a_right_answer_and_no_option_is_favoured() -> None:
    kind = find_kind("reasoning_4x10", None)
    for scale in kind.scales:
        right = [kind.answer_key[item] for item in scale.items]
        assert sorted(right) == sorted("ABCDE" * 2)


def test_a_third_kind_needs_only_a_file(tmp_path: Path) -> None:
    (tmp_path / "quiz.toml").write_text(KEYED, "utf-8")
    source = tmp_path / "answers.csv"
    with source.open("w", newline="", encoding="cp949") as file:
        csv.writer(file).writerows(
            [
                ["respondent_id", "q1", "q2", "q3"],
                ["a", "1", "가", "2"],
                ["b", "1.0", "1", ""],
                ["c", "2", "가", "1"],
            ]
        )
    assert PIPELINE.kinds(tmp_path)[0].key == "quiz"
    PIPELINE.check(source, "quiz", tmp_path)
    outcome = run(a_job(tmp_path, source, "quiz", tmp_path))
    scores = scores_of(outcome)
    assert scores["excluded_for"] == [None, "missing", None]  # one of three is more than 20 %
    assert scores["all_raw"] == [3, None, 1]
    assert outcome is not None
    assert [document.type for document in outcome.documents] == ["aptitude_summary"]


def test_options_with_zeros_before_them_as_they_are_printed_on_the_sheet(tmp_path: Path) -> None:
    kind = KEYED.replace('"1", "2", "가"', '"01", "02", "가"').replace('["9"]', '["09"]')
    (tmp_path / "quiz.toml").write_text(kind, "utf-8")
    source = tmp_path / "answers.csv"
    source.write_text("respondent_id,q1,q2,q3\na,01,가,02\nb,1,02,2\nc,09,09,09\n", "utf-8")
    scores = scores_of(run(a_job(tmp_path, source, "quiz", tmp_path)))
    assert scores["all_raw"] == [3, 2, None]
    assert scores["excluded_for"] == [None, None, "missing"]


def test_a_companys_own_kind_replaces_a_shipped_one(tmp_path: Path) -> None:
    own = KEYED.replace('"quiz"', '"big_five_50"')
    (tmp_path / "mine.toml").write_text(own, "utf-8")
    assert find_kind("big_five_50", tmp_path).names.en == "Quiz"
    kinds = [kind for kind in PIPELINE.kinds(tmp_path) if kind.key == "big_five_50"]
    assert [kind.names["en"] for kind in kinds] == ["Quiz"]


BROKEN = {
    "not TOML": ("key = tiny", "", "line 1"),
    "no scales": (TINY.partition("[[scales]]")[0], "scales", "required"),
    "a word for a number": (
        TINY.replace("lowest = 1", 'lowest = "one"'),
        "answers.rating.lowest",
        "integer",
    ),
    "a misspelt field": (TINY.replace("reversed", "reverse"), "scales.0.reverse", "not permitted"),
    "an unknown form": (TINY.replace('"rating"', '"essay"'), "answers", "essay"),
    "no such document": (
        TINY.replace("personality_analysis", "horoscope"),
        "documents.0",
        "personality_analysis",
    ),
    "upside down": (TINY.replace("highest = 5", "highest = 1"), "answers.rating", "lowest"),
    "an item twice": (TINY.replace('"Q5"', '"Q1"'), "", "items named twice: Q1"),
    "a scale twice": (TINY.replace('"warm"', '"calm"'), "", "scales named twice: calm"),
    "reversed elsewhere": (TINY.replace('["Q2"]', '["Q5"]'), "", "scale calm: reversed items"),
    "an item named like a column": (TINY.replace('"Q5"', '"group"'), "", "cannot have: group"),
    "straight-lining without reversed": (
        TINY.replace('reversed = ["Q2"]', ""),
        "",
        "straight_lining_share needs",
    ),
    "a key for ratings": (TINY + '[answer_key]\nQ1 = "1"', "", "form choice only"),
    "an item without key": (KEYED.replace('q3 = "2"', ""), "", "answer_key lacks: q3"),
    "a key without item": (KEYED + 'q4 = "1"', "", "no scale has: q4"),
    "a right answer that is no option": (KEYED.replace('q3 = "2"', 'q3 = "7"'), "", "of q3: 7"),
    "an option twice": (
        KEYED.replace('"1", "2", "가"', '"a", "A ", "가"'),
        "answers.choice",
        "options named twice: A",
    ),
    "an option twice, with zeros before it": (
        KEYED.replace('"1", "2", "가"', '"1", "01", "가"'),
        "answers.choice",
        "options named twice: 1",
    ),
    "reversed right answers": (
        KEYED.replace("[answer_key]", 'reversed = ["q1"]\n[answer_key]'),
        "",
        "cannot be reversed",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_definition_names_file_field_and_reason(tmp_path: Path, name: str) -> None:
    content, field, reason = BROKEN[name]
    (tmp_path / "tiny.toml").write_text(content, "utf-8")
    (error,) = PIPELINE.problems(tmp_path)
    assert error.code == "broken_definition"
    assert error.details["file"] == "tiny.toml"
    assert error.details["field"] == field
    assert reason in error.details["reason"]
    assert "tiny.toml" in error.message


def test_a_broken_definition_takes_away_its_own_kind_only(tmp_path: Path) -> None:
    usual = [kind.key for kind in PIPELINE.kinds(None)]
    (tmp_path / "big_five_50.toml").write_text("key = ", "utf-8")
    (tmp_path / "other.toml").write_text(KEYED, "utf-8")
    offered = {kind.key for kind in PIPELINE.kinds(tmp_path)}
    assert offered == {*usual, find_kind("quiz", tmp_path).key} - {"big_five_50"}
    with pytest.raises(PipelineError, match=r"big_five_50\.toml"):
        find_kind("big_five_50", tmp_path)


def test_a_kind_and_its_texts_are_composed(tmp_path: Path) -> None:
    (tmp_path / "quiz.toml").write_text(unicodedata.normalize("NFD", KEYED), "utf-8")
    kind = find_kind("quiz", tmp_path)
    assert unicodedata.is_normalized("NFC", kind.names.ko)


def test_definitions_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PipelineError, match="not UTF-8"):
        find_kind("tiny", tmp_path)


def test_a_broken_definition_does_not_stop_the_other_kinds(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("key = ")
    assert find_kind("big_five_50", tmp_path).key == "big_five_50"
    with pytest.raises(PipelineError, match=r"broken\.toml"):
        find_kind("broken", tmp_path)
