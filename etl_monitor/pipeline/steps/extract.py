"""Step 1: read the answer file, in any format, into answer codes and respondents."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import AnswerReader, Codes
from etl_monitor.pipeline.answer_files.cell_texts import cell_texts
from etl_monitor.pipeline.answer_files.open import open_answers
from etl_monitor.pipeline.answer_files.rows import AnswerFile, RowChunk
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.kinds.definition import GROUP, ID, TAKEN_AT, Kind
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.scoring.psychometrics import GroupIndices
from etl_monitor.pipeline.steps.rejected import invalid_cells, write_malformed
from etl_monitor.pipeline.steps.workspace import (
    INVALID_CELL,
    NO_GROUP,
    NO_ID,
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
        scratch_writer(space.respondents_path, RESPONDENT) as respondents,
        scratch_writer(space.invalid_cells_path, INVALID_CELL) as cells,
    ):
        for chunk in tracked(file.chunks(), file.estimated_rows, report, cancelled):
            rows = _without_blank_rows(chunk)
            people = _respondents(rows)
            first, codes = extraction.rows, extraction.codes(rows)
            answers.append(codes)
            cells.write_batch(invalid_cells(codes, rows, first, kind))
            groups.append(extraction.group_indices(people))
            identities.append(_identities(people[ID]))
            respondents.write_batch(people)
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
        codes = np.empty((len(rows), len(self._kind.items)), dtype=np.int8)
        for index, item in enumerate(self._kind.items):
            codes[:, index] = self._reader.codes(item, rows.cells[item])
        self.rows += len(rows)
        return codes

    def group_indices(self, people: Any) -> GroupIndices:
        """Return the index of each row's group. Raises PipelineError `too_many_groups`."""
        encoded = people[GROUP].dictionary_encode()
        by_index = [self._group_index(name) for name in encoded.dictionary.to_pylist()]
        table = np.array([*by_index, NO_GROUP], dtype=np.int32)
        rows = encoded.indices.fill_null(len(by_index)).to_numpy(zero_copy_only=False)
        return np.asarray(table[rows])

    def _group_index(self, name: str) -> int:
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


def _without_blank_rows(rows: RowChunk) -> RowChunk:
    """Return the rows that hold anything: spreadsheets leave blank lines at the end."""
    has_no_id = pc.equal(cell_texts(ID, rows.cells[ID]), "")
    if not pc.any(has_no_id).as_py():
        return rows
    is_filled = pc.invert(has_no_id)
    for name in rows.cells.schema.names:
        is_filled = pc.or_(is_filled, pc.not_equal(cell_texts(name, rows.cells[name]), ""))
    numbers = rows.numbers[is_filled.to_numpy(zero_copy_only=False)]
    return RowChunk(numbers=numbers, cells=rows.cells.filter(is_filled))


def _respondents(rows: RowChunk) -> Any:
    """Return a batch in the RESPONDENT schema; no group is null."""
    group = pc.utf8_slice_codeunits(_column(rows, GROUP), 0, LONGEST_GROUP)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(rows.numbers),
            _column(rows, ID),
            pc.if_else(pc.equal(group, ""), pa.scalar(None, pa.string()), group),
            _column(rows, TAKEN_AT),
        ],
        schema=RESPONDENT,
    )


def _column(rows: RowChunk, name: str) -> Any:
    if name not in rows.cells.schema.names:
        return pa.nulls(len(rows), pa.string()).fill_null("")
    return cell_texts(name, rows.cells[name])


def _identities(ids: Any) -> npt.NDArray[np.uint64]:
    """Return 64-bit hashes. Among a million respondents, two different ones share a hash in one of
    thirty million files."""
    names = ids.to_numpy(zero_copy_only=False)
    hashes = pd.util.hash_array(names, categorize=False)
    return np.where(names == "", np.uint64(NO_ID), hashes).astype(np.uint64)
