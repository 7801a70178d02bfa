"""How many bytes the rows of an answer file take, and how many they may.

Parquet stores a text that repeats once: 20 kB on the disk may be gigabytes as rows. So the bytes of
each cell are counted before any text is made of it.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.rows import RowNumbers
from etl_monitor.pipeline.kinds.definition import ID, TAKEN_AT

LONGEST_CELL = 2**20  # bytes; a line of CSV is not longer either
LONGEST_COPIED = 4_000  # bytes of a cell that is copied to the scores

Sizes = npt.NDArray[np.int64]


def check_sizes(numbers: RowNumbers, cells: Any) -> None:
    """Check each cell of a batch. Raises PipelineError `cell_too_long`."""
    for name, column in zip(cells.schema.names, cells.columns, strict=True):
        limit = LONGEST_COPIED if name in (ID, TAKEN_AT) else LONGEST_CELL
        if _largest(column) > limit:
            _check_rows(name, numbers, _sizes(column), limit)


def _check_rows(name: str, numbers: RowNumbers, sizes: Sizes, limit: int) -> None:
    """A dictionary may have values that no row of the batch has."""
    if len(sizes) and sizes.max() > limit:
        row = int(numbers[sizes.argmax()])
        raise errors.CellTooLong(column=name, row=row, limit_bytes=limit)


def most_bytes(cells: Any) -> int:
    """Return a bound of the bytes of a batch: as if all cells of a column were its largest one."""
    return len(cells) * largest_row(cells)


def largest_row(cells: Any) -> int:
    """Return a bound of the bytes of a row: as if it had the largest cell of each column."""
    return sum(_largest(column) for column in cells.columns)


def row_sizes(cells: Any) -> Sizes:
    """Return the bytes of each row of a batch."""
    return sum((_sizes(column) for column in cells.columns), np.zeros(len(cells), dtype=np.int64))


def _largest(cells: Any) -> int:
    if pa.types.is_dictionary(cells.type):
        return _largest(cells.dictionary)
    if is_text(cells.type):
        return pc.max(pc.binary_length(cells)).as_py() or 0
    return width_of(cells.type)


def is_text(arrow_type: Any) -> bool:
    kinds = (pa.types.is_string, pa.types.is_large_string)
    return any(is_kind(arrow_type) for is_kind in (*kinds, is_bytes))


def is_bytes(arrow_type: Any) -> bool:
    return bool(pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type))


def _sizes(cells: Any) -> Sizes:
    if pa.types.is_dictionary(cells.type):
        of_values = np.append(_sizes(cells.dictionary), 0)
        indices = cells.indices.fill_null(len(of_values) - 1)
        return np.asarray(of_values[indices.to_numpy(zero_copy_only=False)])
    if is_text(cells.type):
        lengths = pc.binary_length(cells).fill_null(0)
        return np.asarray(lengths.to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.full(len(cells), width_of(cells.type), dtype=np.int64)


def width_of(arrow_type: Any) -> int:
    """Return the bytes of one value of a type whose values are all of one size."""
    try:
        return max(1, int(arrow_type.bit_width) // 8)
    except ValueError:  # a list, a structure: no answer file is read with one
        return 1
