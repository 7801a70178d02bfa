"""Every row that is left out, with its reason, and their counts by column and reason: the file
`REJECTED_ROWS` in the job's work_dir."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, Codes
from etl_monitor.pipeline.answer_files.cell_texts import cell_texts
from etl_monitor.pipeline.answer_files.rows import AnswerFile, RowChunk
from etl_monitor.pipeline.base import REJECTED_SUMMARY, Cancelled
from etl_monitor.pipeline.errors import BadRow, shortened
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import ID, Kind
from etl_monitor.pipeline.progress import stop_if
from etl_monitor.pipeline.steps.rejected_counts import RejectedCounts
from etl_monitor.pipeline.steps.workspace import INVALID_CELL, REJECTED, Workspace

_TEXTS = ("respondent", "value")
_REASONS = pa.array([reason.reason for reason in ExclusionReason], pa.string())
_LONGEST_VALUE = 200  # characters; a cell may hold megabytes


def invalid_cells(codes: Codes, rows: RowChunk, first: int, kind: Kind) -> Any:
    """Return the first invalid cell of each row that has one, as a batch of INVALID_CELL. `first`:
    the index of the chunk's first row."""
    is_invalid = codes == INVALID
    bad = np.flatnonzero(is_invalid.any(axis=1))
    items = is_invalid[bad].argmax(axis=1)
    values = np.full(len(bad), None, dtype=object)
    for item in np.unique(items):
        places = np.flatnonzero(items == item)
        name = kind.items[item]
        cells = cell_texts(name, rows.cells[name].take(pa.array(bad[places])))
        values[places] = pc.utf8_slice_codeunits(cells, 0, _LONGEST_VALUE).to_pylist()
    columns = pa.array([kind.items[item] for item in items], pa.string())
    arrays = [pa.array(first + bad), columns, pa.array(values, pa.string())]
    return pa.RecordBatch.from_arrays(arrays, schema=INVALID_CELL)


def write_malformed(space: Workspace, file: AnswerFile) -> None:
    rows = file.malformed_rows
    columns = (
        [row.row for row in rows],
        [row.respondent for row in rows],
        [None] * len(rows),
        [row.value for row in rows],
        [MALFORMED] * len(rows),
    )
    parquet.write_table(pa.table(list(columns), schema=REJECTED), space.malformed_path)


def write_rejected(space: Workspace, cancelled: Cancelled) -> None:
    """Write the rows in the order of the file, a chunk at a time, and a summary of all."""
    counts = RejectedCounts(space.kind.items)
    with (
        parquet.ParquetWriter(space.rejected_path, REJECTED) as writer,
        parquet.ParquetFile(space.malformed_path) as file,
    ):
        malformed = file.read()
        counts.add_malformed(len(malformed))
        for table in _excluded(space, counts, cancelled):
            last = table["row"][-1].as_py()
            earlier = int(np.searchsorted(malformed["row"].to_numpy(), last))
            rows = pa.concat_tables([table, malformed.slice(0, earlier)]).sort_by("row")
            writer.write_table(rows)
            malformed = malformed.slice(earlier)
        writer.write_table(malformed)
        summary = counts.summary().model_dump_json(by_alias=True)
        writer.add_key_value_metadata({REJECTED_SUMMARY: summary})


def _excluded(space: Workspace, counts: RejectedCounts, cancelled: Cancelled) -> Iterator[Any]:
    """Yield a table of REJECTED for each chunk with excluded rows, and count them."""
    cells = _Cells(space)
    people = space.respondents.chunks(("row", "respondent_id"))
    first = 0
    for codes, exclusions, batch in zip(
        space.answers.chunks(), space.exclusions.chunks(), people, strict=True
    ):
        stop_if(cancelled)
        reasons = exclusions[:, 0]
        bad = np.flatnonzero(reasons)
        if len(bad):
            counts.add(codes[bad], reasons[bad])
            yield _table(codes[bad], reasons[bad], batch.take(pa.array(bad)), first + bad, cells)
        first += len(codes)


def first_rejected(space: Workspace, count: int) -> list[BadRow]:
    """Return the first rejected rows, as a person would look for them in the file."""
    with parquet.ParquetFile(space.rejected_path) as file:
        batch = next(file.iter_batches(batch_size=count), None)
    rows = [] if batch is None else batch.to_pylist()
    return [
        BadRow(**row | {name: shortened(row[name]) for name in _TEXTS if row[name]}) for row in rows
    ]


class _Cells:
    """The invalid cells, read forward in step with the chunks."""

    def __init__(self, space: Workspace) -> None:
        self._table = parquet.read_table(space.invalid_cells_path)
        self._indices = self._table["index"].to_numpy()

    def at(self, indices: Any) -> tuple[list[str], list[str]]:
        """Return the columns and the values of the rows' cells."""
        found = self._table.take(pa.array(np.searchsorted(self._indices, indices)))
        return found["column"].to_pylist(), found["value"].to_pylist()


def _table(codes: Codes, reasons: Any, people: Any, indices: Any, cells: _Cells) -> Any:
    """Return a table of REJECTED. `indices`: of the rows in the file."""
    ids = people["respondent_id"]
    columns = np.full(len(codes), None, dtype=object)
    values = np.full(len(codes), None, dtype=object)
    for number in np.unique(reasons):
        rows = reasons == number
        columns[rows], values[rows] = _cells_to_check(
            ExclusionReason(int(number)), codes[rows], ids.filter(rows), indices[rows], cells
        )
    names = _REASONS.take(pa.array(reasons))
    arrays = [people["row"], ids, *(pa.array(each, pa.string()) for each in (columns, values))]
    return pa.table([*arrays, names], schema=REJECTED)


def _cells_to_check(
    reason: ExclusionReason, codes: Codes, ids: Any, indices: Any, cells: _Cells
) -> tuple[Any, Any]:
    """Return the columns and values that a person should check, of rows left out for one reason; no
    column if it is the whole row."""
    match reason:
        case ExclusionReason.OUT_OF_RANGE:
            return cells.at(indices)
        case ExclusionReason.NO_RESPONDENT_ID:
            return None, None
        case ExclusionReason.DUPLICATE:
            return ID, ids.to_pylist()
        case ExclusionReason.MISSING:
            counts = np.count_nonzero(codes == MISSING, axis=1)
            return None, [f"{count}/{codes.shape[1]}" for count in counts]
        case _:
            return None, _most_frequent(codes)


def _most_frequent(codes: Codes) -> list[str]:
    """Return each row's most frequent answer, the lowest of several."""
    answers = np.unique(codes[codes != MISSING])
    counts = [np.count_nonzero(codes == answer, axis=1) for answer in answers]
    return [str(answer) for answer in answers[np.argmax(counts, axis=0)]]
