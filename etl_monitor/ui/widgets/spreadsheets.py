"""Rows of text to take away, for spreadsheet programs: CSV and XLSX, never with a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter

from etl_monitor.csv_injection import escape_formula

Cell = str | datetime
"""A text, or a moment by the reader's clock (naive: neither format knows time zones)."""

_AS_TOLD = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_LONGEST = 32_767  # characters that a cell of XLSX may have


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes Korean for something else."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in (columns, *rows):
        writer.writerow([escape_formula(_as_text(cell)) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, sheet: str) -> bytes:
    """Texts are texts in here, whatever they begin with."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _AS_TOLD) as workbook:
        page = workbook.add_worksheet(sheet[:31])
        bold = workbook.add_format({"bold": True})
        date = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        page.write_row(0, 0, columns, bold)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(number, column, cell, date)
                else:
                    page.write_string(number, column, cell[:_LONGEST])
        page.freeze_panes(1, 0)
        page.autofit()
    return file.getvalue()


def _as_text(cell: Cell) -> str:
    return cell.isoformat(" ", "seconds") if isinstance(cell, datetime) else cell
