"""A matrix of numbers in a binary file, written and read in chunks of rows.

Raw numbers rather than Parquet: only the steps read them, and always whole chunks. In a chunk, each
column is one piece of memory: NumPy adds and compares such columns several at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from etl_monitor.pipeline.progress import CHUNK_ROWS

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, kw_only=True)
class Matrix(Generic[Number]):
    path: Path
    columns: int
    dtype: type[Number]

    def writer(self) -> "MatrixWriter[Number]":
        return MatrixWriter(self.path, self.columns, self.dtype)

    def write(self, values: npt.NDArray[Number]) -> None:
        with self.writer() as writer:
            writer.append(values)

    def chunks(self) -> Iterator[npt.NDArray[Number]]:
        """Yield every row, CHUNK_ROWS at a time: arrays of shape (≤ CHUNK_ROWS, columns)."""
        with self.path.open("rb") as file:
            while len(block := np.fromfile(file, self.dtype, count=CHUNK_ROWS * self.columns)):
                yield block.reshape(self.columns, -1).T

    def column(self, index: int) -> npt.NDArray[Number]:
        """Return one column over all rows."""
        size = np.dtype(self.dtype).itemsize
        rows = self.path.stat().st_size // (size * self.columns)
        column = np.empty(rows, self.dtype)
        with self.path.open("rb") as file:
            for first in range(0, rows, CHUNK_ROWS):
                part = column[first : first + CHUNK_ROWS]
                file.seek((first * self.columns + index * len(part)) * size)
                part[:] = np.fromfile(file, self.dtype, count=len(part))
        return column


class MatrixWriter(Generic[Number]):
    def __init__(self, path: Path, columns: int, dtype: type[Number]) -> None:
        self._file = path.open("wb")
        self._block = np.empty((columns, CHUNK_ROWS), dtype)
        self._rows = 0  # of the block

    def append(self, values: npt.NDArray[Number]) -> None:
        """Append any number of rows: shape (rows, columns), or (rows,) for one column."""
        left = values.reshape(len(values), len(self._block))
        while len(left):
            part, left = np.split(left, [CHUNK_ROWS - self._rows])
            end = self._rows + len(part)
            self._block[:, self._rows : end] = part.T
            self._rows = end
            if end == CHUNK_ROWS:
                self._write_block()

    def _write_block(self) -> None:
        np.ascontiguousarray(self._block[:, : self._rows]).tofile(self._file)
        self._rows = 0

    def __enter__(self) -> "MatrixWriter[Number]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._write_block()
        self._file.close()
