"""No spreadsheet program reads an exported text as a formula; other texts stay unchanged."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.csv_injection import AS_TEXT, FORMULA, escape_formula

SIGNS = "=+-@＝＋－＠"
FORMULAS = [
    *(f"{sign}1" for sign in SIGNS),
    "\tx",
    "\rx",
    "\nx",
    "\n=1",
    "\t＝1",
    "  =1",
    " \t@a",
    "-",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_a_text(text: str) -> None:
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "'=1", "1-2", "kim@example.com", " x", "x\n=1", "김"])
def test_other_texts_stay(text: str) -> None:
    assert escape_formula(text) == text


@given(
    st.text(st.sampled_from([*SIGNS, *" \t\r\n'a가"]) | st.characters(exclude_categories=["Cs"]))
)
def test_the_rule_is_the_same_over_whole_columns(text: str) -> None:
    escaped = escape_formula(text)
    assert not escaped.startswith(("\t", "\r", "\n"))
    assert not escaped.lstrip(" \t\r\n").startswith(tuple(SIGNS))
    column = pc.replace_substring_regex(pa.array([text]), FORMULA, AS_TEXT)
    assert column.to_pylist() == [escaped]
