"""Parquet answer files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.answer_files.parquet_head import ParquetHead
from etl_monitor.pipeline.answer_files.rows import FIRST_ROW, RowChunk
from etl_monitor.pipeline.answer_files.sizes import check_sizes, most_bytes, row_sizes
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.pipeline.progress import CHUNK_ROWS

CHUNK_BYTES = 8 * 2**20
"""The text of a chunk, as rows, takes no more than this and one row."""

_FIRST_ROWS = 16


class ParquetFile:
    """See `AnswerFile`."""

    malformed = 0
    malformed_rows: Sequence[BadRow] = ()

    def __init__(self, path: Path, head: ParquetHead, columns: Columns) -> None:
        self._path, self._head = path, head
        self.columns = columns
        self.estimated_rows = head.rows
        self._by_index = {index: name for name, index in columns.indices.items()}

    def check_first_rows(self) -> None:
        """Raises PipelineError `cell_too_long`, `unreadable_file`."""
        for batch in self._batches(_FIRST_ROWS):
            check_sizes(np.arange(FIRST_ROW, FIRST_ROW + len(batch), dtype=np.int64), batch)
            return

    def chunks(self) -> Iterator[RowChunk]:
        first = FIRST_ROW
        for batch in self._batches(CHUNK_ROWS):
            numbers = np.arange(first, first + len(batch), dtype=np.int64)
            first += len(batch)
            check_sizes(numbers, batch)
            for begin, end in _pieces(batch):
                yield RowChunk(numbers=numbers[begin:end], cells=batch.slice(begin, end - begin))

    def _batches(self, most_rows: int) -> Iterator[Any]:
        encodings = self._head.encodings(self._by_index)
        try:
            with parquet.ParquetFile(
                self._path,
                memory_map=False,
                pre_buffer=False,
                read_dictionary=encodings.as_dictionary,
            ) as file:
                names = file.schema_arrow.names
                renamed = {names[index]: name for index, name in self._by_index.items()}
                for batch in file.iter_batches(
                    batch_size=min(most_rows, max(1, CHUNK_BYTES // encodings.largest_row)),
                    columns=list(renamed),
                    use_threads=False,
                ):
                    yield batch.rename_columns([renamed[name] for name in batch.schema.names])
        except (pa.ArrowException, OSError) as error:
            raise errors.UnreadableFile(reason=str(error)) from None


def _pieces(batch: Any) -> Iterator[tuple[int, int]]:
    """Yield the begins and ends of consecutive rows of about `CHUNK_BYTES`."""
    if most_bytes(batch) <= CHUNK_BYTES:
        yield 0, len(batch)
        return
    ends = np.cumsum(row_sizes(batch))  # at which byte each row ends
    borders = np.flatnonzero(np.diff(ends // CHUNK_BYTES)) + 1
    yield from zip([0, *map(int, borders)], [*map(int, borders), len(ends)], strict=True)
