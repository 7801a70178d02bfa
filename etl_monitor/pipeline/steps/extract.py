"""Step 1: read the answer file, in any format, into answer codes and respondents."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import AnswerReader, Codes
from etl_monitor.pipeline.answer_files.cell_texts import cell_texts, distinct_texts
from etl_monitor.pipeline.answer_files.open import open_answers
from etl_monitor.pipeline.answer_files.rows import AnswerFile, RowChunk
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.kinds.definition import GROUP, ID, TAKEN_AT, Kind
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.scoring.psychometrics import GroupIndices
from etl_monitor.pipeline.steps.identities import identities as hashes_of
from etl_monitor.pipeline.steps.rejected import invalid_cells, write_malformed
from etl_monitor.pipeline.steps.workspace import (
    INVALID_CELL,
    NO_GROUP,
    RESPONDENT,
    Extracted,
    Workspace,
    scratch_writer,
)

MOST_GROUPS = 200
LONGEST_GROUP = 100  # characters


@stoppable
def extract(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    """Raises PipelineError if the file as a whole cannot be read."""
    space = Workspace.of(job)
    kind = space.kind
    file = open_answers(job.source, kind, lambda: stop_if(cancelled))
    extraction = _Extraction(kind)
    with (
        space.answers.writer() as answers,
        space.identities.writer() as identities,
        space.groups.writer() as groups,
        space.respondents.writer() as respondents,
        scratch_writer(space.invalid_cells_path, INVALID_CELL) as cells,
    ):
        for chunk in tracked(file.chunks(), file.estimated_rows, report, cancelled):
            rows, people = _without_blank_rows(chunk)
            first, codes = extraction.rows, extraction.codes(rows)
            answers.append(codes)
            if len(invalid := invalid_cells(codes, rows, first, kind)):
                cells.write_batch(invalid)
            groups.append(extraction.group_indices(rows))
            identities.append(hashes_of(people[ID]))
            respondents.append(people)
    write_malformed(space, file)
    extracted = extraction.summary(file)
    if not extracted.rows and not extracted.malformed:
        raise errors.NoRows()
    space.write_extracted(extracted)
    details = {"rows": extracted.rows, "malformed": extracted.malformed}
    message = f"{extracted.rows:,} rows read, {extracted.malformed:,} rows malformed"
    report.log(message, code="rows_read", details=details)
    return None


class _Extraction:
    """What is gathered over the chunks."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._reader = AnswerReader(kind)
        self.rows = 0
        self._groups: dict[str, int] = {}  # name → index

    def codes(self, rows: RowChunk) -> Codes:
        codes = np.empty((len(self._kind.items), len(rows)), dtype=np.int8)
        for index, item in enumerate(self._kind.items):
            codes[index] = self._reader.codes(item, rows.cells[item])
        self.rows += len(rows)
        return codes.T

    def group_indices(self, rows: RowChunk) -> GroupIndices:
        """Return the index of each row's group. Raises PipelineError `too_many_groups`."""
        if GROUP not in rows.cells.schema.names:
            return np.full(len(rows), NO_GROUP, dtype=np.int32)
        names, which = distinct_texts(GROUP, rows.cells[GROUP])
        shortened = pc.utf8_slice_codeunits(names, 0, LONGEST_GROUP).to_pylist()
        by_index = [self._group_index(name) for name in shortened]
        return np.take(np.array(by_index, dtype=np.int32), which)

    def _group_index(self, name: str) -> int:
        if not name:
            return NO_GROUP
        if name not in self._groups and len(self._groups) >= MOST_GROUPS:
            raise errors.TooManyGroups(limit=MOST_GROUPS)
        return self._groups.setdefault(name, len(self._groups))

    def summary(self, file: AnswerFile) -> Extracted:
        return Extracted(
            rows=self.rows,
            malformed=file.malformed,
            has_taken_at=file.columns.has_taken_at,
            groups=tuple(self._groups),
        )


def _without_blank_rows(rows: RowChunk) -> tuple[RowChunk, Any]:
    """Return the rows that hold anything, since spreadsheets leave blank lines at the end, and
    their `_respondents`."""
    people = _respondents(rows)
    has_no_id = pc.equal(people[ID], "")
    if not pc.any(has_no_id).as_py():
        return rows, people
    is_filled = pc.invert(has_no_id)
    for name in rows.cells.schema.names:
        is_filled = pc.or_(is_filled, pc.not_equal(cell_texts(name, rows.cells[name]), ""))
    numbers = rows.numbers[is_filled.to_numpy(zero_copy_only=False)]
    filled = RowChunk(numbers=numbers, cells=rows.cells.filter(is_filled))
    return filled, people.filter(is_filled)


def _respondents(rows: RowChunk) -> Any:
    """Return a batch in the RESPONDENT schema."""
    columns = [pa.array(rows.numbers), _column(rows, ID), _column(rows, TAKEN_AT)]
    return pa.RecordBatch.from_arrays(columns, schema=RESPONDENT)


def _column(rows: RowChunk, name: str) -> Any:
    if name not in rows.cells.schema.names:
        return pa.nulls(len(rows), pa.string()).fill_null("")
    return cell_texts(name, rows.cells[name])
