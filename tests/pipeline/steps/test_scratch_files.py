"""The files that a step leaves for the next: every row comes back, in chunks of equal size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from etl_monitor.pipeline.progress import CHUNK_ROWS
from etl_monitor.pipeline.steps.matrix import Matrix
from etl_monitor.pipeline.steps.row_file import RowFile

PIECES = [
    [],
    [1],
    [CHUNK_ROWS],
    [CHUNK_ROWS - 1, 2, 0, 5],
    [3 * CHUNK_ROWS + 7],
    [7, 2 * CHUNK_ROWS, CHUNK_ROWS - 7],
]


def sizes_of_chunks(rows: int) -> list[int]:
    return [min(CHUNK_ROWS, rows - first) for first in range(0, rows, CHUNK_ROWS)]


@pytest.mark.parametrize("pieces", PIECES)
@pytest.mark.parametrize("columns", [1, 3])
def test_a_matrix_has_the_rows_that_were_appended(
    tmp_path: Path, pieces: Sequence[int], columns: int
) -> None:
    matrix = Matrix(path=tmp_path / "m", columns=columns, dtype=np.int32)
    rows = np.arange(sum(pieces) * columns, dtype=np.int32).reshape(-1, columns)
    with matrix.writer() as writer:
        for piece in np.split(rows, np.cumsum(pieces, dtype=int)[:-1]) if pieces else ():
            writer.append(piece)
    chunks = list(matrix.chunks())
    assert [len(chunk) for chunk in chunks] == sizes_of_chunks(len(rows))
    assert np.array_equal(np.concatenate([rows[:0], *chunks]), rows)
    for index in range(columns):
        assert np.array_equal(matrix.column(index), rows[:, index])


@pytest.mark.parametrize("pieces", PIECES)
def test_a_row_file_has_the_rows_that_were_appended(tmp_path: Path, pieces: Sequence[int]) -> None:
    schema = pa.schema({"row": pa.int64(), "name": pa.string(), "other": pa.string()})
    file = RowFile(path=tmp_path / "f", schema=schema)
    count = sum(pieces)
    names = [f"이름 {n}" for n in range(count)]
    rows = pa.record_batch([range(count), names, names], schema=schema)
    first = 0
    with file.writer() as writer:
        for piece in pieces:
            writer.append(rows.slice(first, piece))
            first += piece
    chunks = list(file.chunks(("name", "row")))
    assert [len(chunk) for chunk in chunks] == sizes_of_chunks(count)
    assert [name for chunk in chunks for name in chunk["name"].to_pylist()] == names
    assert [row for chunk in chunks for row in chunk["row"].to_pylist()] == list(range(count))
    assert all(chunk.schema.names == ["name", "row"] for chunk in chunks)
