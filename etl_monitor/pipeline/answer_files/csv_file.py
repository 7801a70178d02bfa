"""CSV answer files: fields separated by commas, quoted by `"`, UTF-8 or CP949."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.columns import Columns
from etl_monitor.pipeline.answer_files.csv_head import CsvHead
from etl_monitor.pipeline.answer_files.encoding import (
    LINES_AT_ONCE,
    block_size,
    read_lines,
    survey,
)
from etl_monitor.pipeline.answer_files.rows import (
    FIRST_ROW,
    RowChunk,
    RowNumbers,
)
from etl_monitor.pipeline.answer_files.sizes import check_sizes
from etl_monitor.pipeline.answer_files.stray_quotes import IsRow, find_stray_quote
from etl_monitor.pipeline.errors import BadRow, shortened
from etl_monitor.pipeline.exclusion import MALFORMED
from etl_monitor.pipeline.kinds.definition import OWN_COLUMNS

# Answers repeat, so Arrow keeps them as indices into a short list; the other columns do not.
_ANSWER, _TEXT = pa.dictionary(pa.int32(), pa.string()), pa.string()


class CsvFile:
    """See `AnswerFile`. Opening reads every byte once to find the encoding and count the lines."""

    def __init__(
        self,
        path: Path,
        head: CsvHead,
        columns: Columns,
        is_row: IsRow,
        after_block: Callable[[], None],
    ) -> None:
        self.columns = columns
        self._path, self._is_row, self._after_block = path, is_row, after_block
        self._survey = survey(path, after_block)
        self._block_size = block_size(path, self._survey)
        self.estimated_rows = max(1, self._survey.lines - head.header_lines)
        self._malformed = array("q")  # row numbers
        self._fields = array("l")  # of each malformed row
        self._respondents: list[str] = []  # of each malformed row, its first field
        self._stopped: Exception | None = None  # raised while Arrow read

    @property
    def malformed(self) -> int:
        return len(self._malformed)

    @property
    def malformed_rows(self) -> Sequence[BadRow]:
        rows = zip(self._malformed, self._respondents, self._fields, strict=True)
        return [
            BadRow(
                row=row,
                respondent=respondent,
                reason=MALFORMED,
                value=f"{fields}/{self.columns.count}",
            )
            for row, respondent, fields in rows
        ]

    def chunks(self) -> Iterator[RowChunk]:
        first, rows_read = FIRST_ROW, 0
        for batch in self._batches():
            rows_read += len(batch)
            numbers = self._row_numbers(first, len(batch))
            first = int(numbers[-1]) + 1 if len(numbers) else first
            self._check_sizes(numbers, batch)
            yield RowChunk(numbers=numbers, cells=batch)
        if rows_read + self.malformed < self.estimated_rows:  # some cells span lines
            self._reject_stray_quote()

    def _batches(self) -> Iterator[Any]:
        try:
            yield from arrow_csv.open_csv(self._path, *self._options())
        except pa.ArrowInvalid as error:
            raise self._stopped or self._read_error(str(error)) from None

    def _read_error(self, reason: str) -> Exception:
        if "straddling" not in reason:
            return errors.UnreadableFile(reason=reason)
        self._reject_stray_quote()
        return errors.LineTooLong(line=None, limit_bytes=self._block_size)

    def _check_sizes(self, numbers: RowNumbers, cells: Any) -> None:
        try:
            check_sizes(numbers, cells)
        except errors.CellTooLong:
            self._reject_stray_quote()  # mostly the reason for a cell of many lines
            raise

    def _reject_stray_quote(self) -> None:
        """The rows that such a mark swallows must not be lost silently."""
        lines = read_lines(self._path, self._survey.encoding, self._after_block)
        line = find_stray_quote(lines, self._is_row)
        if line is not None:
            raise errors.OpenQuote(line=line)

    def _options(self) -> tuple[Any, Any, Any]:
        names = [f"unread {index}" for index in range(self.columns.count)]
        for name, index in self.columns.indices.items():
            names[index] = name
        types = {name: _column_type(name) for name in self.columns.indices}
        return (
            arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,  # unlike skip_rows it knows cells that span lines
                encoding=self._survey.encoding,
                block_size=self._block_size,
                use_threads=False,  # with threads, malformed rows come without their number
            ),
            arrow_csv.ParseOptions(
                newlines_in_values=True,
                ignore_empty_lines=False,  # they count as rows, or the numbers would be wrong
                invalid_row_handler=self._skip_malformed,
            ),
            arrow_csv.ConvertOptions(include_columns=list(types), column_types=types),
        )

    def _skip_malformed(self, row: Any) -> str:
        self._malformed.append(row.number)
        self._fields.append(row.actual_columns)
        self._respondents.append(shortened(row.text.partition(",")[0]))
        return "skip" if self._may_continue() else "error"

    def _may_continue(self) -> bool:
        """Arrow calls back for malformed rows only: a file of them would be read in silence. It
        swallows exceptions of the callback."""
        if len(self._malformed) % LINES_AT_ONCE:
            return True
        try:
            self._after_block()
        except Exception as error:  # noqa: BLE001  # raised again when Arrow has returned
            self._stopped = error
        return self._stopped is None

    def _row_numbers(self, first: int, rows: int) -> RowNumbers:
        """Return the numbers of the next `rows` well-formed rows, counted from `first`, without
        those of malformed rows. Arrow reports a malformed row before it returns the rows after it.
        """
        malformed = np.frombuffer(self._malformed, dtype=np.int64).copy()
        later = malformed[np.searchsorted(malformed, first) :]
        numbers = first + np.arange(rows, dtype=np.int64)
        return numbers + np.searchsorted(later - np.arange(len(later)), numbers, side="right")


def _column_type(name: str) -> Any:
    return _TEXT if name in OWN_COLUMNS else _ANSWER
