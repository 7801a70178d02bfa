"""The check of a chosen file before it is sent.

Only the file's head is read, and its lines are counted. The check and its error codes are the
service's own (`pipeline/answer_files/head.py`); the service still decides when the file arrives.
"""

import contextlib
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
from pyarrow import parquet

from etl_monitor.errors import EtlMonitorError, PipelineError
from etl_monitor.pipeline.answer_files.csv_head import CsvHead
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES, LineCounter
from etl_monitor.pipeline.answer_files.head import FileHead, check_head, read_head
from etl_monitor.pipeline.errors import NoRows
from etl_monitor.wire.result import TestKind

MB = 1_000_000
_FIRST_ROWS = 3
_COLUMNS_NAMED = 12  # of those that are missing
_WORKBOOK_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx, xls

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """A chosen file as far as it was read.

    `rows` is None if unknown, and too high if quoted cells span lines (`is_estimate`). `problem` is
    why the file cannot be scored as any kind; `head` is None if it is not an answer file at all.
    """

    name: str
    size: int  # bytes
    head: FileHead | None = None
    rows: int | None = None
    is_estimate: bool = False
    first_rows: Rows = ()
    problem: EtlMonitorError | None = None

    @property
    def format(self) -> str:
        """ "CSV", "Parquet", or "" if unknown."""
        return self.head.format if self.head else ""

    @property
    def encoding(self) -> str:
        return self.head.encoding.upper() if isinstance(self.head, CsvHead) else ""

    @property
    def columns(self) -> tuple[str, ...]:
        return self.head.columns if self.head else ()

    @property
    def is_misnamed(self) -> bool:
        """True if the name suggests another format than the content; the content decides."""
        is_named_parquet = self.name.lower().endswith(".parquet")
        return bool(self.format) and is_named_parquet != (self.format == "Parquet")


def check_file(file: BinaryIO, name: str, size: int, limit_mb: int) -> FileCheck:
    """Check a file and leave it at its start. Never raises: errors are the result's `problem`."""
    try:
        file.seek(0)
        if size > limit_mb * MB:
            raise EtlMonitorError("file_too_large", "The file is too large.", {"limitMb": limit_mb})
        if file.read(4) in _WORKBOOK_MAGIC:
            raise EtlMonitorError("excel_workbook", "The file is an Excel workbook.")
        file.seek(0)
        return _check_answers(file, name, size)
    except EtlMonitorError as error:
        return FileCheck(name=name, size=size, problem=error)
    finally:
        file.seek(0)


def find_problem(check: FileCheck, kind: TestKind) -> EtlMonitorError | None:
    """Return why this file cannot be scored as `kind`, as far as its head shows."""
    if check.head is None or not kind.columns:
        return check.problem
    try:
        check_head(check.head, kind)
    except PipelineError as error:
        return _with_fewer_columns(error)
    return None


def matching_kinds(check: FileCheck, kinds: Iterable[TestKind]) -> tuple[TestKind, ...]:
    """Return the kinds whose columns the file has."""
    columns = set(check.columns)
    return tuple(kind for kind in kinds if kind.columns and columns.issuperset(kind.columns))


def _with_fewer_columns(error: PipelineError) -> PipelineError:
    """A file of another kind lacks all columns; the dialog names only the first."""
    columns = error.details.get("columns")
    if isinstance(columns, list) and len(columns) > _COLUMNS_NAMED:
        error.details["columns"] = [*columns[:_COLUMNS_NAMED], "…"]
    return error


def _check_answers(file: BinaryIO, name: str, size: int) -> FileCheck:
    head = read_head(file)
    if isinstance(head, CsvHead):
        rows, is_estimate = _count_rows(file, head)
        first_rows = _first_csv_rows(head)
    else:
        rows, is_estimate = head.rows, False
        first_rows = _first_parquet_rows(file)
    return FileCheck(
        name=name,
        size=size,
        head=head,
        rows=rows,
        is_estimate=is_estimate,
        first_rows=first_rows,
        problem=None if head.has_rows else NoRows(),
    )


def _count_rows(file: BinaryIO, head: CsvHead) -> tuple[int, bool]:
    """Return the number of lines below the header, and whether a quoted cell may span some."""
    file.seek(0)
    lines, has_quotes = LineCounter(), False
    while block := file.read(BLOCK_BYTES):
        lines.add(block)
        has_quotes = has_quotes or b'"' in block
    return max(0, lines.count - head.header_lines), has_quotes


def _first_csv_rows(head: CsvHead) -> Rows:
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(io.StringIO(head.body, newline=""))
    with contextlib.suppress(csv.Error):  # a cell that is too long to be shown
        rows += (tuple(row) for row in islice(reader, _FIRST_ROWS))
    return tuple(row for row in rows if row)


def _first_parquet_rows(file: BinaryIO) -> Rows:
    """Return () if they cannot be read: the service would find out only in the job."""
    file.seek(0)
    try:
        batches = parquet.ParquetFile(file).iter_batches(batch_size=_FIRST_ROWS)
        columns = [column.to_pylist() for column in next(batches).columns]
    except (pa.ArrowException, OSError, ValueError, StopIteration):
        return ()
    rows = list(zip(*columns, strict=True))[:_FIRST_ROWS]
    return tuple(tuple("" if value is None else str(value) for value in row) for row in rows)
