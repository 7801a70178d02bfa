"""Quotation marks that swallow rows, and those that hold a text together."""

import io

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from etl_monitor.pipeline.answer_files.stray_quotes import find_stray_quote


def is_row(line: str) -> bool:
    """An `IsRow` for a file with the columns id, answer, answer, remark."""
    cells = line.rstrip("\r\n").split(",")
    return len(cells) == 4 and all(cell.strip('"') in set("12345") | {""} for cell in cells[1:3])


def stray_line(text: str, *, is_complete: bool = True) -> int | None:
    return find_stray_quote(io.StringIO(text, newline=""), is_row, is_complete=is_complete)


LEGITIMATE = {
    "no mark at all": "a,1,2,x\nb,1,2,y\n",
    "quoted cells": '"a","1","2","x, y"\n"b","1","2",""\n',
    "a remark over lines": 'a,1,2,"good\n\nvery, good"\nb,1,2,y\n',
    "in the first column": '"a\nb",1,2,x\nc,1,2,y\n',
    "in a column in between": 'a,"1\n","\n2",x\n',
    "with marks in it": 'a,1,2,"he said ""well,\n""""well"""\nb,1,2,y\n',
    "with ends of old Macs": 'a,1,2,"x\ry"\rb,1,2,y\r',
    "with lists in it": 'a,1,2,"x,y,z,\n1,2,3,4,5\n9,9,9,9"\n',
    "marks inside of a text": 'a,1,2,5" disk\nb,1,2,6" disk\n',
    "a text goes on behind the mark": 'a,1,2,"x"y\nb,1,2,y\n',
    "a mark in the last line": 'a,1,2,x\nb,1,2,"y\n',
}


@pytest.mark.parametrize("text", LEGITIMATE.values(), ids=LEGITIMATE)
def test_marks_that_hold_a_text_together(text: str) -> None:
    assert stray_line(text) is None


STRAY = {
    "never closed": ('a,1,2,x\nb,1,2,"y\nno row\n', 2),
    "never closed, in the first column": ('a,1,2,x\n"b,1,2,y\nc,1,2,z\n', 2),
    "up to another stray mark": ('"a,1,2,x\nb,1,2,y\n"c,1,2,z\n', 1),
    "up to the next line's": ('a,1,2,"x\nb,1,2,"y\n', 1),
    "both alone in their cells": ('a,",2,x\nb,1,2,y\nc,",2,z\n', 1),
    "both alone, in lines beside each other": ('a,1,2,x\nb,",2,x\nc,",2,z\n', 2),
    "closed inside of a text": ('a,1,2,"x\ny"z\n', 1),
    "after a cell over lines": ('a,1,2,"x\ny"\nb,1,2,"z\nc,1,2,z\n', 3),
    "in the row where such a cell ends": ('"a\nb",1,2,"z\nc,1,2,z\n', 2),
    "between quoted cells": ('"a","1","2","x\n"b","1","2","y"\n', 1),
}


@pytest.mark.parametrize(("text", "line"), STRAY.values(), ids=STRAY)
def test_marks_that_swallow_rows(text: str, line: int) -> None:
    assert stray_line(text) == line


def test_the_head_of_a_file_does_not_show_which_cell_is_never_closed() -> None:
    beginning = 'a,1,2,"good,\nbut'
    assert stray_line(beginning) == 1
    assert stray_line(beginning, is_complete=False) is None
    assert stray_line('a,1,2,"x\nb,1,2,y\nc,', is_complete=False) == 1


@given(st.text(alphabet='",\n\r1x', min_size=1, max_size=25).filter(str.strip))
def test_cells_span_lines_exactly_where_arrow_lets_them(text: str) -> None:
    """With a test that takes every line for a row, each cell that spans lines counts as stray."""
    spanned = find_stray_quote(io.StringIO("a,b,c\n" + text, newline=""), lambda line: True)
    lines = len(list(io.StringIO(text, newline="")))
    assert (spanned is not None) == (rows_read_by_arrow("a,b,c\n" + text) < lines)


def rows_read_by_arrow(text: str) -> int:
    """Count well-formed and malformed rows, read with the pipeline's options."""
    malformed = []

    def pass_over(row: object) -> str:
        malformed.append(row)
        return "skip"

    reader = arrow_csv.open_csv(
        io.BytesIO(text.encode()),
        arrow_csv.ReadOptions(column_names=list("abc"), skip_rows_after_names=1, use_threads=False),
        arrow_csv.ParseOptions(
            newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=pass_over
        ),
        arrow_csv.ConvertOptions(column_types=dict.fromkeys("abc", pa.string())),
    )
    return sum(len(batch) for batch in reader) + len(malformed)
