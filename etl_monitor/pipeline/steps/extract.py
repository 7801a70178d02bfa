"""Step 1: reads the answer file, whatever its format, into codes and respondents."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import INVALID, AnswerReader, Codes
from etl_monitor.pipeline.answer_files.columns import GROUP, ID, TAKEN_AT
from etl_monitor.pipeline.answer_files.open import open_answers
from etl_monitor.pipeline.answer_files.rows import FIRST_ROWS, AnswerFile, RawRows
from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.pipeline.errors import shortened
from etl_monitor.pipeline.kinds.definition import Kind, find_kind
from etl_monitor.pipeline.progress import stop_if, stoppable, tracked
from etl_monitor.pipeline.steps.workspace import (
    NO_GROUP,
    NO_ID,
    RESPONDENT,
    Extracted,
    StrangeCell,
    Workspace,
)

MOST_GROUPS = 200
LONGEST_GROUP = 100


@stoppable
def extract(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome | None:
    """Raises PipelineError for everything that makes a file unreadable as a whole."""
    kind = find_kind(job.test_kind, job.kinds_dir)
    space = Workspace(folder=job.work_dir, kind=kind)
    file = open_answers(job.source, kind, lambda: stop_if(cancelled))
    found = _Found(kind)
    with (
        space.answers.writer() as answers,
        space.identities.writer() as identities,
        space.groups.writer() as groups,
        parquet.ParquetWriter(space.respondents_path, RESPONDENT) as respondents,
    ):
        for rows in tracked(file.chunks(), file.rows_known, report, cancelled):
            filled = _without_blank(rows)
            people = _people(filled)
            answers.append(found.codes(filled))
            groups.append(found.groups_of(people))
            identities.append(_identities(people[ID]))
            respondents.write_batch(people)
    extracted = found.told(file)
    if not extracted.rows and not extracted.malformed:
        raise errors.NoRows()
    space.write_extracted(extracted)
    told = {"rows": extracted.rows, "malformed": extracted.malformed}
    message = f"{extracted.rows:,} rows read, {extracted.malformed:,} rows malformed"
    report.log(message, code="rows_read", details=told)
    return None


class _Found:
    """What is gathered over the chunks."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._reader = AnswerReader(kind)
        self._rows = 0
        self._groups: dict[str, int] = {}
        self._strange: list[StrangeCell] = []

    def codes(self, rows: RawRows) -> Codes:
        codes = np.empty((len(rows), len(self._kind.items)), dtype=np.int8)
        for place, item in enumerate(self._kind.items):
            codes[:, place] = self._reader.codes(item, rows.cells[item])
        self._remember_strange(codes, rows)
        self._rows += len(rows)
        return codes

    def _remember_strange(self, codes: Codes, rows: RawRows) -> None:
        wanted = FIRST_ROWS - len(self._strange)
        if wanted:
            strange = codes == INVALID
            for index in np.flatnonzero(strange.any(axis=1))[:wanted]:
                item = self._kind.items[int(strange[index].argmax())]
                value = shortened(str(rows.cells[item][int(index)].as_py()))
                self._strange.append(
                    StrangeCell(index=self._rows + int(index), column=item, value=value)
                )

    def groups_of(self, people: Any) -> npt.NDArray[np.int32]:
        """The place of each row's group. Raises PipelineError `too_many_groups`."""
        encoded = people[GROUP].dictionary_encode()
        places = [self._place(name) for name in encoded.dictionary.to_pylist()]
        table = np.array([*places, NO_GROUP], dtype=np.int32)
        rows = encoded.indices.fill_null(len(places)).to_numpy(zero_copy_only=False)
        return np.asarray(table[rows])

    def _place(self, name: str) -> int:
        if name not in self._groups and len(self._groups) >= MOST_GROUPS:
            raise errors.TooManyGroups(limit=MOST_GROUPS)
        return self._groups.setdefault(name, len(self._groups))

    def told(self, file: AnswerFile) -> Extracted:
        return Extracted(
            rows=self._rows,
            malformed=file.malformed,
            has_taken_at=file.columns.has_taken_at,
            groups=tuple(self._groups),
            strange_cells=tuple(self._strange),
            malformed_rows=tuple(file.first_malformed),
        )


def _without_blank(rows: RawRows) -> RawRows:
    """Lines with nothing in them are no respondents; spreadsheets leave them at the end."""
    unnamed = pc.equal(_text(rows.cells[ID], ID), "")
    if not pc.any(unnamed).as_py():
        return rows
    kept = pc.invert(unnamed)
    for name in rows.cells.schema.names:
        kept = pc.or_(kept, pc.not_equal(_text(rows.cells[name], name), ""))
    numbers = rows.numbers[kept.to_numpy(zero_copy_only=False)]
    return RawRows(numbers=numbers, cells=rows.cells.filter(kept))


def _people(rows: RawRows) -> Any:
    """A batch in the RESPONDENT schema; no group is null."""
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


def _column(rows: RawRows, name: str) -> Any:
    if name not in rows.cells.schema.names:
        return pa.nulls(len(rows), pa.string()).fill_null("")
    return _text(rows.cells[name], name)


def _text(cells: Any, column: str) -> Any:
    """Trimmed text, "" for null."""
    try:
        return pc.utf8_trim_whitespace(cells.cast(pa.string()).fill_null(""))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        raise errors.UnreadableColumn(column=column, type=str(cells.type)) from None


def _identities(ids: Any) -> npt.NDArray[np.uint64]:
    """64-bit hashes: among a million respondents, two different ones share a hash in one of
    thirty million files."""
    texts = ids.to_numpy(zero_copy_only=False)
    hashes = pd.util.hash_array(texts, categorize=False)
    return np.where(texts == "", np.uint64(NO_ID), hashes).astype(np.uint64)
