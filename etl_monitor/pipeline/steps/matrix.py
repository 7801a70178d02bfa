"""A matrix of numbers in a binary file, written and read in chunks of rows.

Raw numbers rather than Parquet: only the steps read them, and always whole chunks.
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
        return MatrixWriter(self.path)

    def write(self, values: npt.NDArray[Number]) -> None:
        with self.writer() as writer:
            writer.append(values)

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[npt.NDArray[Number]]:
        """Yield every row, `rows` at a time: arrays of shape (≤ rows, columns)."""
        with self.path.open("rb") as file:
            while len(chunk := np.fromfile(file, self.dtype, count=rows * self.columns)):
                yield chunk.reshape(-1, self.columns)

    def column(self, index: int) -> npt.NDArray[Number]:
        """Return one column over all rows."""
        parts = [chunk[:, index].copy() for chunk in self.chunks()]
        return np.concatenate(parts) if parts else np.empty(0, self.dtype)

    def row(self, index: int) -> npt.NDArray[Number]:
        offset = index * self.columns * np.dtype(self.dtype).itemsize
        return np.fromfile(self.path, self.dtype, count=self.columns, offset=offset)


class MatrixWriter(Generic[Number]):
    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def append(self, values: npt.NDArray[Number]) -> None:
        np.ascontiguousarray(values).tofile(self._file)

    def __enter__(self) -> "MatrixWriter[Number]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
