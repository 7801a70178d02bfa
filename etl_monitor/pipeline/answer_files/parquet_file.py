"""Parquet answer files."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.answer_files.encoding import LINES_AT_ONCE
from etl_monitor.pipeline.answer_files.parquet_head import ParquetHead
from etl_monitor.pipeline.answer_files.rows import FIRST_ROW, RowChunk, RowNumbers
from etl_monitor.pipeline.answer_files.sizes import (
    check_sizes,
    largest_row,
    most_bytes,
    row_sizes,
)
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.pipeline.progress import CHUNK_ROWS

CHUNK_BYTES = 8 * 2**20
"""The text of a chunk, as rows, takes no more than this and one row."""

_FIRST_ROWS = 16
_MEASURED_BYTES = 64 * 2**20  # texts that share parts are measured in batches of no more


class ParquetFile:
    """See `AnswerFile`."""

    malformed = 0
    malformed_rows: Sequence[BadRow] = ()

    def __init__(
        self,
        path: Path,
        head: ParquetHead,
        columns: Columns,
        after_block: Callable[[], None] = lambda: None,
    ) -> None:
        self._path, self._after_block = path, after_block
        self.columns = columns
        self.estimated_rows = head.rows
        self._names = {head.schema_names[i]: name for name, i in columns.indices.items()}
        self._encodings = head.encodings(columns.indices.values())

    def check_first_rows(self) -> None:
        """Raises PipelineError `cell_too_long`, `unreadable_file`."""
        row = self._encodings.fixed_row + self._encodings.longest_shared
        next(self._batches(min(_FIRST_ROWS, _rows_of(CHUNK_BYTES, row)), self._names), None)

    def chunks(self) -> Iterator[RowChunk]:
        row = self._encodings.fixed_row + self._longest_shared()
        rows = min(CHUNK_ROWS, _rows_of(CHUNK_BYTES, row))
        for numbers, batch in self._batches(rows, self._names):
            for begin, end in _pieces(batch):
                yield RowChunk(numbers=numbers[begin:end], cells=batch.slice(begin, end - begin))

    def _longest_shared(self) -> int:
        """Return how many bytes a row has in the columns whose texts share parts.

        What the footer says bounds a text, but hundreds of times too high: so these columns are
        read first, a few rows at a time.
        """
        sharing, longest = self._encodings.sharing, 0
        if not sharing:
            return 0
        rows = _rows_of(_MEASURED_BYTES, self._encodings.longest_shared)
        for numbers, batch in self._batches(min(CHUNK_ROWS, rows), sharing):
            longest = max(longest, largest_row(batch))
            if int(numbers[-1]) // LINES_AT_ONCE != int(numbers[0]) // LINES_AT_ONCE:
                self._after_block()
        return longest

    def _batches(self, rows: int, names: Collection[str]) -> Iterator[tuple[RowNumbers, Any]]:
        """Yield the batches of these columns with the numbers of their rows. Raises PipelineError
        `cell_too_long`, `unreadable_file`."""
        first = FIRST_ROW
        for read in self._read(rows, names):
            batch = read.rename_columns([self._names[name] for name in read.schema.names])
            numbers = np.arange(first, first + len(batch), dtype=np.int64)
            first += len(batch)
            check_sizes(numbers, batch)
            yield numbers, batch

    def _read(self, rows: int, names: Collection[str]) -> Iterator[Any]:
        try:
            with parquet.ParquetFile(
                self._path,
                memory_map=False,
                pre_buffer=False,
                read_dictionary=self._encodings.as_dictionary,
            ) as file:
                yield from file.iter_batches(
                    batch_size=rows, columns=list(names), use_threads=False
                )
        except (pa.ArrowException, OSError) as error:
            raise errors.UnreadableFile(reason=str(error)) from None


def _rows_of(size: int, row: int) -> int:
    return max(1, size // max(1, row))


def _pieces(batch: Any) -> Iterator[tuple[int, int]]:
    """Yield the begins and ends of consecutive rows of about `CHUNK_BYTES`."""
    if most_bytes(batch) <= CHUNK_BYTES:
        yield 0, len(batch)
        return
    ends = np.cumsum(row_sizes(batch))  # at which byte each row ends
    borders = np.flatnonzero(np.diff(ends // CHUNK_BYTES)) + 1
    yield from zip([0, *map(int, borders)], [*map(int, borders), len(ends)], strict=True)
