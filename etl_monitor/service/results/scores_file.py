"""The scores of a test's newest completed job: a Parquet file, sent as it is or as CSV."""

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq

from etl_monitor.csv_injection import AS_TEXT, FORMULA, escape_formula
from etl_monitor.service import errors
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import RESULTS

# Types of columns that are written unchanged.
_NUMBERS = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
_TIMES = (pa.types.is_date, pa.types.is_time, pa.types.is_timestamp, pa.types.is_duration)
_MAX_TRIES = 3  # a job may replace the file between the query and the opening
_CHUNK_SIZE = 1 << 20  # bytes


def open_scores(db: Database, folders: Folders, test_id: str) -> BinaryIO:
    """Open the file; a job that replaces it later does not disturb its reader.

    Raises NotFound if the test is unknown or has no scores.
    """
    for _ in range(_MAX_TRIES):
        with db.reading() as tx:
            name = result_queries.scores_file(tx, test_id)
        with suppress(FileNotFoundError):
            return folders.storage.open(f"{RESULTS}/{name}")
    raise errors.NoScores(test_id=test_id)


def as_parquet(file: BinaryIO) -> Iterator[bytes]:
    """Yield the file in chunks, then close it."""
    with file:
        while chunk := file.read(_CHUNK_SIZE):
            yield chunk


def as_csv(file: BinaryIO) -> Iterator[bytes]:
    """Yield the scores as CSV in chunks, so that memory does not grow with the file; close it."""
    with file, pq.ParquetFile(file) as scores:
        buffer, schema = io.BytesIO(), _csv_schema(scores.schema_arrow)
        with csv.CSVWriter(buffer, schema) as writer:
            yield from _drain(buffer)
            for batch in scores.iter_batches(batch_size=10_000):
                columns = [_csv_column(column) for column in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
                yield from _drain(buffer)
        yield from _drain(buffer)


def _drain(buffer: io.BytesIO) -> Iterator[bytes]:
    content = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    if content:
        yield content


def _csv_schema(schema: Any) -> Any:
    fields = [pa.field(escape_formula(field.name), _csv_type(field.type)) for field in schema]
    return pa.schema(fields)


def _csv_type(kind: Any) -> Any:
    return kind if any(is_type(kind) for is_type in _NUMBERS + _TIMES) else pa.string()


def _csv_column(column: Any) -> Any:
    """Convert everything but numbers and times to text that no spreadsheet takes for a formula."""
    if _csv_type(column.type) == column.type != pa.string():
        return column
    return pc.replace_substring_regex(_text(column), FORMULA, AS_TEXT)


def _text(column: Any) -> Any:
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # lists, records, bytes
        values = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.array(values, pa.string())
