"""The rows that a test's newest run left out: a Parquet file, sent as CSV, JSON or a workbook."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any, BinaryIO

import pyarrow.parquet as pq
from pydantic import ValidationError

from etl_monitor.pipeline.base import REJECTED_SUMMARY
from etl_monitor.service import errors
from etl_monitor.service.border.values import plain_value
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import RESULTS
from etl_monitor.spreadsheets import MAX_ROWS, xlsx_pieces
from etl_monitor.wire.rejected import RejectedSummary

_BATCH_ROWS = 10_000


def open_rejected(db: Database, folders: Folders, test_id: str) -> BinaryIO:
    """Raises NotFound if the test is unknown or no run has recorded its rejected rows."""
    with db.reading() as tx:
        result_queries.test_row(tx, test_id)
        name = job_queries.rejected_rows_of_test(tx, test_id)
    with suppress(FileNotFoundError):
        if name is not None:
            return folders.storage.open(f"{RESULTS}/{name}")
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
    with file, pq.ParquetFile(file) as rows:
        names, comma = rows.schema_arrow.names, ""
        for batch in _batches(rows):
            records = (dict(zip(names, row, strict=True)) for row in batch)
            sent = ",".join(json.dumps(record, ensure_ascii=False) for record in records)
            yield (comma + sent).encode()
            comma = ","
    yield b"]}"


def as_xlsx(file: BinaryIO) -> Iterator[bytes]:
    """Yield a workbook with as many rows as a sheet has; close the file."""
    with file, pq.ParquetFile(file) as rows:
        every_row = islice(chain.from_iterable(_batches(rows)), MAX_ROWS)
        yield from xlsx_pieces(rows.schema_arrow.names, every_row, sheet="rejected")


def _batches(rows: pq.ParquetFile) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows. What JSON cannot hold, from another pipeline, is text in them."""
    for batch in rows.iter_batches(batch_size=_BATCH_ROWS):
        columns = [map(_plain_cell, column.to_pylist()) for column in batch.columns]
        if len(batch):
            yield list(zip(*columns, strict=True))


def _plain_cell(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str | int) else plain_value(cell)
