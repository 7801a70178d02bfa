"""CSV answer files: fields separated by commas, quoted by `"`, UTF-8 or CP949."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.columns import GROUP, ID, TAKEN_AT
from etl_monitor.pipeline.answer_files.csv_header import read_head
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES, lines_of, survey
from etl_monitor.pipeline.answer_files.rows import FIRST_ROWS, RawRows, RowNumbers
from etl_monitor.pipeline.answer_files.stray_quotes import stray_quote
from etl_monitor.pipeline.errors import BadRow, shortened
from etl_monitor.pipeline.exclusion import MALFORMED
from etl_monitor.pipeline.kinds.definition import Kind

# Answers repeat, so they are kept as places in a short list; the other columns do not.
_ANSWER, _TEXT = pa.dictionary(pa.int32(), pa.string()), pa.string()


class CsvFile:
    """See `AnswerFile`. Opening reads every byte once, to know the encoding and the rows."""

    def __init__(self, path: Path, kind: Kind, after_block: Callable[[], None]) -> None:
        self._head = read_head(path, kind)
        self.columns = self._head.columns
        self._path, self._after_block = path, after_block
        self._survey = survey(path, after_block)
        self._malformed = array("q")
        self._first: list[BadRow] = []

    @property
    def rows_known(self) -> int:
        return max(1, self._survey.lines - self._head.lines)

    @property
    def malformed(self) -> int:
        return len(self._malformed)

    @property
    def first_malformed(self) -> Sequence[BadRow]:
        return tuple(self._first)

    def chunks(self) -> Iterator[RawRows]:
        first, read = 2, 0
        for batch in self._batches():
            read += len(batch)
            numbers = self._numbers(first, len(batch))
            first = int(numbers[-1]) + 1 if len(numbers) else first
            yield RawRows(numbers=numbers, cells=batch)
        if read + self.malformed < self.rows_known:  # cells span lines: are they meant to?
            self._refuse_stray_quote()

    def _batches(self) -> Iterator[Any]:
        try:
            yield from arrow_csv.open_csv(self._path, *self._options())
        except pa.ArrowInvalid as error:
            raise self._told(str(error)) from None

    def _told(self, reason: str) -> Exception:
        if "straddling" not in reason:
            return errors.UnreadableFile(reason=reason)
        self._refuse_stray_quote()
        return errors.LineTooLong(line=None, limit_bytes=BLOCK_BYTES)

    def _refuse_stray_quote(self) -> None:
        """Nothing that follows such a mark may be lost without a word."""
        lines = lines_of(self._path, self._survey.encoding, self._after_block)
        line = stray_quote(lines, self._head.is_row)
        if line is not None:
            raise errors.OpenQuote(line=line)

    def _options(self) -> tuple[Any, Any, Any]:
        names = [f"unread {place}" for place in range(self.columns.count)]
        for name, place in self.columns.places.items():
            names[place] = name
        types = {name: _column_type(name) for name in self.columns.places}
        return (
            arrow_csv.ReadOptions(
                column_names=names,
                skip_rows_after_names=1,  # unlike skip_rows it knows cells that span lines
                encoding=self._survey.encoding,
                block_size=BLOCK_BYTES,
                use_threads=False,  # only then are malformed rows told with their number
            ),
            arrow_csv.ParseOptions(
                newlines_in_values=True,
                ignore_empty_lines=False,  # they count as rows, or the numbers would be wrong
                invalid_row_handler=self._pass_over,
            ),
            arrow_csv.ConvertOptions(include_columns=list(types), column_types=types),
        )

    def _pass_over(self, row: Any) -> str:
        self._malformed.append(row.number)
        if len(self._first) < FIRST_ROWS:
            self._first.append(
                BadRow(
                    row=row.number,
                    respondent=shortened(row.text.partition(",")[0]),
                    reason=MALFORMED,
                    value=f"{row.actual_columns}/{row.expected_columns}",
                )
            )
        return "skip"

    def _numbers(self, first: int, rows: int) -> RowNumbers:
        """Places of the next `rows` well-formed rows, counted from `first`, leaving out the
        malformed ones between them (Arrow tells of those before it hands out the rows after)."""
        malformed = np.frombuffer(self._malformed, dtype=np.int64).copy()
        later = malformed[np.searchsorted(malformed, first) :]
        wanted = first + np.arange(rows, dtype=np.int64)
        return wanted + np.searchsorted(later - np.arange(len(later)), wanted, side="right")


def _column_type(name: str) -> Any:
    return _TEXT if name in (ID, GROUP, TAKEN_AT) else _ANSWER
