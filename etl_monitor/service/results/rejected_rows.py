"""The rows that a test's newest run left out: a Parquet file, sent as CSV, JSON or a workbook."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, BinaryIO

import pyarrow.parquet as pq
import xlsxwriter
from pydantic import ValidationError

from etl_monitor.pipeline.base import REJECTED_SUMMARY
from etl_monitor.service import errors
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.scores_file import as_parquet
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.rejected import RejectedSummary

_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_BATCH_ROWS = 10_000
_MOST_ROWS = 1_048_575  # below the header of a sheet


def open_rejected(db: Database, folders: Folders, test_id: str) -> BinaryIO:
    """Raises NotFound if the test is unknown or no run has recorded its rejected rows."""
    with db.reading() as tx:
        result_queries.test_row(tx, test_id)
        name = job_queries.rejected_rows_of_test(tx, test_id)
    with suppress(FileNotFoundError):
        if name is not None:
            return (folders.results / name).open("rb")
    raise errors.NoRejectedRows(test_id=test_id)


def summary(file: BinaryIO) -> RejectedSummary:
    """Return how many rows were left out, by column and reason; close the file. The pipeline that
    ships has counted them; the rows of another one, or of an older version, are counted here."""
    with file, pq.ParquetFile(file) as rows:
        counted = (rows.metadata.metadata or {}).get(REJECTED_SUMMARY.encode())
        with suppress(ValidationError):
            if counted is not None:
                return RejectedSummary.model_validate_json(counted)
        return _count(rows)


def _count(rows: pq.ParquetFile) -> RejectedSummary:
    reasons: Counter[str] = Counter()
    cells: Counter[tuple[str | None, str]] = Counter()
    for batch in rows.iter_batches(batch_size=_BATCH_ROWS):
        of_rows = [reason or "" for reason in _texts(batch, "reason")]
        reasons.update(of_rows)
        cells.update(zip(_texts(batch, "column"), of_rows, strict=True))
    return RejectedSummary.of(reasons, cells)


def _texts(batch: Any, column: str) -> list[str | None]:
    """Return a column's cells as texts; another pipeline may not have the column."""
    if column not in batch.schema.names:
        return [None] * len(batch)
    return [None if cell is None else str(cell) for cell in batch[column].to_pylist()]


def as_json(file: BinaryIO) -> Iterator[bytes]:
    """Yield a successful reply whose data are the rows; close the file."""
    yield b'{"success":true,"data":['
    comma = ""
    for batch in _batches(file):
        rows = ",".join(json.dumps(row, ensure_ascii=False) for row in batch)
        yield (comma + rows).encode()
        comma = ","
    yield b"]}"


def as_xlsx(file: BinaryIO) -> Iterator[bytes]:
    """Yield a workbook; close the file. It is written to a temporary file, row by row."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  # `as_parquet` closes it
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("row", "respondent", "column", "value", "reason"))
        for number, row in enumerate(islice(_rows(file), _MOST_ROWS), start=1):
            sheet.write_row(number, 0, row.values())
    target.seek(0)
    yield from as_parquet(target)


def _rows(file: BinaryIO) -> Iterator[dict[str, Any]]:
    return (row for batch in _batches(file) for row in batch)


def _batches(file: BinaryIO) -> Iterator[list[dict[str, Any]]]:
    with file, pq.ParquetFile(file) as rows:
        for batch in rows.iter_batches(batch_size=_BATCH_ROWS):
            if len(batch):
                yield batch.to_pylist()
