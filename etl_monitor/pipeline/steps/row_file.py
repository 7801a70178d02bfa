"""Rows of text and numbers in a file that only the next steps read, in chunks of CHUNK_ROWS rows.

Arrow's own format: it is written and read without a change, unlike Parquet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from etl_monitor.pipeline.progress import CHUNK_ROWS


@dataclass(frozen=True, kw_only=True)
class RowFile:
    path: Path
    schema: Any

    def writer(self) -> "RowWriter":
        return RowWriter(self.path, self.schema)

    def chunks(self, columns: Sequence[str]) -> Iterator[Any]:
        """Yield record batches of CHUNK_ROWS rows, the last one of fewer, with these columns."""
        indices = [self.schema.get_field_index(name) for name in columns]
        options = ipc.IpcReadOptions(included_fields=indices, use_threads=False)
        with pa.OSFile(str(self.path)) as source, ipc.open_file(source, options=options) as file:
            for index in range(file.num_record_batches):
                yield file.get_batch(index).select(list(columns))


class RowWriter:
    def __init__(self, path: Path, schema: Any) -> None:
        self._file = ipc.new_file(str(path), schema)
        self._gathered: list[Any] = []
        self._rows = 0  # gathered

    def append(self, batch: Any) -> None:
        self._gathered.append(batch)
        self._rows += len(batch)
        if self._rows >= CHUNK_ROWS:
            self._write_chunks()

    def _write_chunks(self) -> None:
        """Write the gathered rows that fill chunks."""
        rows = pa.concat_batches(self._gathered)
        whole = len(rows) - len(rows) % CHUNK_ROWS
        for first in range(0, whole, CHUNK_ROWS):
            self._file.write_batch(rows.slice(first, CHUNK_ROWS))
        self._gathered, self._rows = [rows.slice(whole)], len(rows) - whole

    def __enter__(self) -> "RowWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._rows and error is None:
            self._file.write_batch(pa.concat_batches(self._gathered))
        self._file.close()
