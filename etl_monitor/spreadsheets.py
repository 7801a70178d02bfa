"""Rows as files for spreadsheet programs: CSV and XLSX, in pieces.

A text is never a formula, whatever it begins with.
"""

import csv
import io
import math
import tempfile
from codecs import BOM_UTF8
from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import xlsxwriter

from etl_monitor.csv_injection import escape_formula

MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_ROWS = 1_048_576 - 1  # of a sheet of XLSX, without the heading
BYTE_ORDER_MARK = BOM_UTF8  # without it Excel reads a CSV in the local 8-bit encoding

_PIECE = 1 << 16  # bytes
_ROWS_OF_PIECE = 500
_MAX_CELL = 32_767  # characters of a cell of XLSX
_MAX_SHEET_NAME = 31  # characters
_DATE = "yyyy-mm-dd hh:mm:ss"
_MEASURED_ROWS = 500  # the widths of the columns fit the texts of so many rows
_MAX_WIDTH = 60  # characters


def csv_pieces(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Generator[bytes]:
    """Yield the rows as CSV: UTF-8 with a byte order mark, formulas escaped."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK.decode())
    writer = csv.writer(text)
    for number, row in enumerate(chain([columns], rows), start=1):
        writer.writerow([escape_formula(_text(value)) for value in row])
        if number % _ROWS_OF_PIECE == 0:
            yield _emptied(text)
    yield _emptied(text)


def xlsx_pieces(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str, frozen_columns: int = 0
) -> Generator[bytes]:
    """Yield a workbook of one sheet, which is written as a whole before its first piece. Memory
    does not grow with its size.

    Numbers, booleans and naive datetimes keep their type. None and NaN are empty cells, everything
    else is a text. `frozen_columns` stay in view when the sheet is scrolled.
    """
    with tempfile.TemporaryDirectory(prefix="etl-xlsx-") as folder:
        path = Path(folder) / "book.xlsx"
        with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": folder}) as book:
            page = book.add_worksheet(sheet[:_MAX_SHEET_NAME])
            page.freeze_panes(1, frozen_columns)
            _write_rows(book, page, columns, rows)
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


def _emptied(text: io.StringIO) -> bytes:
    content = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return content


def _write_rows(
    book: Any, page: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    bold, date = book.add_format({"bold": True}), book.add_format({"num_format": _DATE})
    for column, name in enumerate(columns):
        page.write_string(0, column, name[:_MAX_CELL], bold)
    widths = [_width(name) for name in columns]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, date)
            if number <= _MEASURED_ROWS:
                widths[column] = max(widths[column], _width(_text(value)))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width + 2, _MAX_WIDTH))


def _write_cell(page: Any, row: int, column: int, value: Any, date: Any) -> None:
    if value is None or value != value:  # NaN
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and math.isfinite(value):
        page.write_number(row, column, value)
    elif isinstance(value, datetime) and value.tzinfo is None:
        page.write_datetime(row, column, value, date)
    else:
        page.write_string(row, column, _text(value)[:_MAX_CELL])


def _width(text: str) -> int:
    """In characters of the Latin alphabet; one of Hangul is as wide as two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text[:_MAX_WIDTH])


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return "" if value is None else str(value)
