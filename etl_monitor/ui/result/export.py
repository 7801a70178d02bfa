"""Scores as files to take away: made when somebody asks, in a thread of their own."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq
import xlsxwriter

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError

Format = Literal["csv", "parquet", "xlsx"]
OnRows = Callable[[int, int], object]

MIME: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

XLSX_ROWS = 1_048_576 - 1  # Excel's own limit, without the heading
_LONGEST_CELL = 32_767  # characters, Excel's own limit
_BATCH = 5_000  # rows
_TOLD_EVERY = 0.5  # seconds
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Excel takes a CSV without it for the local 8-bit encoding


@dataclass(kw_only=True)
class Export:
    """How far one session's file is. Written by the thread that makes it."""

    format: Format | None = None  # None: nothing is being made
    rows: int = 0
    total: int = 0
    problem: EtlMonitorError | None = None


def scores_file(client: EtlClient, test_id: str, wanted: Format, on_rows: OnRows) -> bytes:
    """The scores of every respondent. `on_rows(done, total)` while an XLSX is written.

    Raises what the client raises, and EtlMonitorError `too_many_rows_for_xlsx`.
    """
    with tempfile.TemporaryDirectory(prefix="etl-scores-") as folder:
        source = Path(folder) / "scores"
        client.scores(test_id, source, "csv" if wanted == "csv" else "parquet")
        if wanted == "csv":
            # The service has put an apostrophe before what a spreadsheet would take for a formula.
            return _BYTE_ORDER_MARK + source.read_bytes()
        if wanted == "parquet":
            return source.read_bytes()
        target = Path(folder) / "scores.xlsx"
        write_xlsx(source, target, on_rows)
        return target.read_bytes()


def write_xlsx(source: Path, target: Path, on_rows: OnRows) -> None:
    """A Parquet file as a workbook of one sheet, a row at a time: memory does not grow with it.

    Text stays text, whatever it begins with: a cell of it is no formula.
    """
    with pq.ParquetFile(source) as scores:
        total: int = scores.metadata.num_rows
        if total > XLSX_ROWS:
            raise EtlMonitorError(
                "too_many_rows_for_xlsx",
                f"An Excel sheet holds {XLSX_ROWS:,} rows; these are {total:,}. Take the CSV or "
                "Parquet file.",
                {"rows": total, "limit": XLSX_ROWS},
            )
        options = {"constant_memory": True, "tmpdir": str(target.parent)}
        with xlsxwriter.Workbook(target, options) as book:
            _write(scores, total, book, on_rows)


def _write(scores: Any, total: int, book: Any, on_rows: OnRows) -> None:
    sheet = book.add_worksheet("scores")
    sheet.freeze_panes(1, 1)
    bold = book.add_format({"bold": True})
    for place, name in enumerate(scores.schema_arrow.names):
        sheet.write_string(0, place, name[:_LONGEST_CELL], bold)
    told = 0.0
    for number, values in enumerate(_rows(scores), start=1):
        for place, value in enumerate(values):
            _write_cell(sheet, number, place, value)
        if number % _BATCH == 0 and time.monotonic() - told > _TOLD_EVERY:
            told = time.monotonic()
            on_rows(number, total)


def _rows(scores: Any) -> Iterator[tuple[Any, ...]]:
    for batch in scores.iter_batches(batch_size=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _write_cell(sheet: Any, row: int, place: int, value: Any) -> None:
    if value is None or value != value:  # a NaN: a workbook has none
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, str(value)[:_LONGEST_CELL])
