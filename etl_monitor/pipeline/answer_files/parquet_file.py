"""Parquet answer files."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import check_type
from etl_monitor.pipeline.answer_files.columns import Columns, find_columns
from etl_monitor.pipeline.answer_files.rows import RawRows
from etl_monitor.pipeline.errors import BadRow
from etl_monitor.pipeline.kinds.definition import Kind
from etl_monitor.pipeline.progress import CHUNK_ROWS

MAGIC = b"PAR1"


class ParquetFile:
    """See `AnswerFile`. Opening reads the footer only.

    Raises PipelineError `unreadable_file`, `unreadable_column`, `no_rows` and what `find_columns`
    raises.
    """

    malformed = 0
    first_malformed: Sequence[BadRow] = ()

    def __init__(self, path: Path, kind: Kind) -> None:
        self._path = path
        with _opened(path) as file:
            schema = file.schema_arrow
            self.rows_known = int(file.metadata.num_rows)
        names = list(schema.names)
        self.columns: Columns = find_columns(names, kind)
        for name, place in self.columns.places.items():
            check_type(name, schema.field(place).type)
        self._names = {names[place]: name for name, place in self.columns.places.items()}
        if self.rows_known == 0:
            raise errors.NoRows()

    def chunks(self) -> Iterator[RawRows]:
        first = 2
        for batch in self._batches():
            numbers = np.arange(first, first + len(batch), dtype=np.int64)
            first += len(batch)
            cells = batch.rename_columns([self._names[name] for name in batch.schema.names])
            yield RawRows(numbers=numbers, cells=cells)

    def _batches(self) -> Iterator[Any]:
        try:
            with _opened(self._path) as file:
                yield from file.iter_batches(
                    batch_size=CHUNK_ROWS, columns=list(self._names), use_threads=False
                )
        except (pa.ArrowException, OSError) as error:
            raise errors.UnreadableFile(reason=str(error)) from None


def _opened(path: Path) -> Any:
    try:
        return parquet.ParquetFile(path, memory_map=False, pre_buffer=False)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # names of any bytes
        raise errors.UnreadableFile(reason=str(error)) from None
