"""Files for spreadsheet programs: other libraries read them back, without any formula."""

import csv
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.csv_injection import escape_formula
from etl_monitor.spreadsheets import csv_pieces, xlsx_pieces

COLUMNS = ["시각", "person"]
_TEXT = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}is"
WHEN = datetime(2026, 11, 23, 21, 47, 8)  # noqa: DTZ001  # naive, as in the file


def as_csv(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    return b"".join(csv_pieces(columns, rows))


def read_csv(file: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", "＝1"])
def test_a_formula_becomes_a_text(text: str) -> None:
    assert escape_formula(text) == "'" + text
    assert read_csv(as_csv([text], [[text]])) == [["'" + text], ["'" + text]]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_is_read_back(text: str) -> None:
    read = read_csv(as_csv(COLUMNS, [[text, "x"]]))
    assert read[1] == [escape_formula(text), "x"]
    assert not read[1][0].startswith(tuple("=+-@＝＋－＠\t\r\n"))


def test_korean_has_a_byte_order_mark_and_times_are_plain() -> None:
    file = as_csv(COLUMNS, [[WHEN, "김민지"]])
    assert file.startswith(b"\xef\xbb\xbf")
    assert read_csv(file) == [COLUMNS, ["2026-11-23 21:47:08", "김민지"]]


def test_a_workbook_has_texts_and_dates_but_no_formula() -> None:
    file = b"".join(
        xlsx_pieces([*COLUMNS, "=2"], [[WHEN, "=1+1"], [WHEN, "<b>한글</b>"]], sheet="활동 기록")
    )
    with zipfile.ZipFile(io.BytesIO(file)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    texts = ["".join(text.itertext()) for text in ElementTree.fromstring(sheet).iter(_TEXT)]
    assert texts == [*COLUMNS, "=2", "=1+1", "<b>한글</b>"]
    assert "46349.9" in sheet, "a date is a number of days"
