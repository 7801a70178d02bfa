"""How the text of an answer turns into a code."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, AnswerReader
from etl_monitor.pipeline.kinds.definition import Kind, find_kind

RATING = AnswerReader(find_kind("big_five_50", None))
CHOICE = AnswerReader(find_kind("reasoning_4x10", None))
CHOICES: dict[str, Any] = {"form": "choice", "options": ["01", "02"]}


@pytest.mark.parametrize("text", ["3", " 3 ", "3.0", "03", "+3", "3.000"])
def test_the_same_rating_in_several_spellings(text: str) -> None:
    assert RATING.code(text) == 3


@pytest.mark.parametrize("text", [None, "", "  ", "NA", "n/a", "NaN", "null", "None", "0", "0.0"])
def test_texts_that_mean_no_answer(text: str | None) -> None:
    assert RATING.code(text) == MISSING


@pytest.mark.parametrize(
    "text", ["6", "-1", "3.5", "3,0", "three", "1_0", "٣", "1e0", "9" * 30, "1" * 99_999, "=1+1"]
)
def test_texts_that_are_no_answer(text: str) -> None:
    assert RATING.code(text) == INVALID


def test_choices_in_any_case() -> None:
    assert [CHOICE.code(text) for text in ("A", "b ", "E", "F", "1", "")] == [
        0,
        1,
        4,
        INVALID,
        INVALID,
        MISSING,
    ]


def reader(answers: dict[str, Any]) -> AnswerReader:
    names = {"ko": "이름", "en": "Name"}
    scale = {"key": "s", "names": names, "items": ["q"]}
    definition = {"key": "k", "names": names, "answers": answers, "scales": [scale]}
    key = {"q": answers["options"][0]} if isinstance(answers.get("options"), list) else {}
    return AnswerReader(Kind.model_validate(definition | {"answer_key": key}))


@pytest.mark.parametrize("options", [["01", "02", "03"], ["1", "2", "3"], ["1.0", "2.0", "+3"]])
@pytest.mark.parametrize("written", ["{}", "0{}", "{}.0", " {} "])
def test_options_that_are_numbers_match_however_they_are_written(
    options: list[str], written: str
) -> None:
    codes = reader({"form": "choice", "options": options})
    assert [codes.code(written.format(n)) for n in (1, 2, 3, 4)] == [0, 1, 2, INVALID]


@pytest.mark.parametrize("mark", ["09", "9", "9.0", " 9 "])
@pytest.mark.parametrize("form", [{"form": "rating", "lowest": 1, "highest": 5}, CHOICES])
def test_marks_that_are_numbers_match_however_they_are_written(
    mark: str, form: dict[str, Any]
) -> None:
    codes = reader(form | {"missing": [mark]})
    assert [codes.code(text) for text in ("9", "09", "9.0", "99")] == [MISSING] * 3 + [INVALID]


@given(st.text())
def test_any_text_has_a_code(text: str) -> None:
    assert RATING.code(text) in {MISSING, INVALID, 1, 2, 3, 4, 5}


@pytest.mark.parametrize("kind", ["int8", "uint8", "int64", "uint64"])
def test_whole_numbers_have_the_codes_of_their_texts(kind: str) -> None:
    numbers = [1, 5, 0, 6, 99, None, 127] + ([] if kind.startswith("u") else [-1, -128])
    larger = {"int64": [128, -129, 2**40], "uint64": [128, 2**64 - 1]}.get(kind, [])
    for values in (numbers, numbers + larger, [None], []):
        expected = [RATING.code(None if number is None else str(number)) for number in values]
        assert RATING.codes("q1", pa.array(values, kind)).tolist() == expected
