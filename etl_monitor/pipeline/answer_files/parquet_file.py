"""Parquet answer files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.answer_files.head import ParquetHead
from etl_monitor.pipeline.answer_files.rows import FIRST_ROW, RowChunk
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.pipeline.progress import CHUNK_ROWS


class ParquetFile:
    """See `AnswerFile`."""

    malformed = 0
    first_malformed: Sequence[BadRow] = ()

    def __init__(self, path: Path, head: ParquetHead, columns: Columns) -> None:
        self._path = path
        self.columns = columns
        self.estimated_rows = head.rows
        self._by_index = {index: name for name, index in columns.indices.items()}

    def chunks(self) -> Iterator[RowChunk]:
        first = FIRST_ROW
        for batch in self._batches():
            numbers = np.arange(first, first + len(batch), dtype=np.int64)
            first += len(batch)
            yield RowChunk(numbers=numbers, cells=batch)

    def _batches(self) -> Iterator[Any]:
        try:
            with parquet.ParquetFile(self._path, memory_map=False, pre_buffer=False) as file:
                names = file.schema_arrow.names
                renamed = {names[index]: name for index, name in self._by_index.items()}
                for batch in file.iter_batches(
                    batch_size=CHUNK_ROWS, columns=list(renamed), use_threads=False
                ):
                    yield batch.rename_columns([renamed[name] for name in batch.schema.names])
        except (pa.ArrowException, OSError) as error:
            raise errors.UnreadableFile(reason=str(error)) from None
