"""The scores that a test's last completed job left: a Parquet file, sent as it is or as CSV."""

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

# Columns that are written as they are.
_NUMBERS = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
_MOMENTS = (pa.types.is_date, pa.types.is_time, pa.types.is_timestamp, pa.types.is_duration)
_SWAPS = 3  # that may come in a row between a look into the database and one onto the disk
_PIECE = 1 << 20  # bytes


def open_scores(db: Database, folders: Folders, test_id: str) -> BinaryIO:
    """Once it is open, a job that completes and removes it changes nothing for who reads it."""
    for _ in range(_SWAPS):
        with db.reading() as tx:
            name = result_queries.scores_file(tx, test_id)
        with suppress(FileNotFoundError):
            return (folders.results / name).open("rb")
    raise errors.NoScores(test_id=test_id)


def as_it_is(file: BinaryIO) -> Iterator[bytes]:
    """In pieces, as the others. Closes the file."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def as_csv(file: BinaryIO) -> Iterator[bytes]:
    """In pieces: memory does not grow with the file. Closes it."""
    with file, pq.ParquetFile(file) as scores:
        piece, schema = io.BytesIO(), _harmless(scores.schema_arrow)
        with csv.CSVWriter(piece, schema) as writer:
            yield from _written(piece)
            for batch in scores.iter_batches(batch_size=10_000):
                columns = [_shown(column) for column in batch.columns]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
                yield from _written(piece)
        yield from _written(piece)


def _written(piece: io.BytesIO) -> Iterator[bytes]:
    written = piece.getvalue()
    piece.seek(0)
    piece.truncate()
    if written:
        yield written


def _harmless(schema: Any) -> Any:
    return pa.schema([pa.field(escape_formula(one.name), _shown_as(one.type)) for one in schema])


def _shown_as(kind: Any) -> Any:
    return kind if any(is_plain(kind) for is_plain in _NUMBERS + _MOMENTS) else pa.string()


def _shown(column: Any) -> Any:
    """Everything but numbers and moments as a text that is no formula."""
    if _shown_as(column.type) == column.type != pa.string():
        return column
    return pc.replace_substring_regex(_text(column), FORMULA, AS_TEXT)


def _text(column: Any) -> Any:
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # lists, records, bytes
        texts = [None if one is None else str(one) for one in column.to_pylist()]
        return pa.array(texts, pa.string())
