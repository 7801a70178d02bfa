"""The beginning of a CSV answer file: its header, and what its first block tells."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import INVALID, MISSING, AnswerReader
from etl_monitor.pipeline.answer_files.columns import Columns, find_columns
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES, decoded_head
from etl_monitor.pipeline.answer_files.stray_quotes import IsRow, RowTest, stray_quote
from etl_monitor.pipeline.kinds.definition import Kind


@dataclass(frozen=True, kw_only=True)
class Head:
    columns: Columns
    lines: int  # of the header: its cells may hold line breaks
    is_row: IsRow


def read_head(path: Path, kind: Kind) -> Head:
    """Look at the first block only.

    Raises PipelineError `empty_file`, `binary_content`, `unknown_encoding`, `line_too_long`,
    `open_quote`, `no_rows` and what `find_columns` raises.
    """
    with path.open("rb") as file:
        first = file.read(BLOCK_BYTES)
        more = bool(file.read(1))
    text = decoded_head(first)
    if not text.strip() and not more:
        raise errors.EmptyFile()
    names, lines, rest = _header(text, more)
    columns = find_columns(names, kind)
    if not rest.strip() and not more:
        raise errors.NoRows()
    head = Head(columns=columns, lines=lines, is_row=_row_test(kind, columns))
    line = stray_quote(io.StringIO(rest, newline=""), head.is_row, to_the_end=not more)
    if line is not None:
        raise errors.OpenQuote(line=lines + line)
    return head


def _row_test(kind: Kind, columns: Columns) -> RowTest:
    code = AnswerReader(kind).code
    return RowTest(
        cells=columns.count,
        items=[columns.places[item] for item in kind.items],
        is_answer=lambda cell: code(cell) not in (MISSING, INVALID),
    )


def _header(text: str, more: bool) -> tuple[Sequence[str], int, str]:
    """The header's cells, the number of its lines, and the text after it."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines)
    try:
        names, header = next(reader, []), text[: lines.tell()]
    except csv.Error:  # a cell of more than 128 KiB
        names, header = [], text
    line = stray_quote(io.StringIO(header, newline=""), lambda line: False)
    if line is not None:
        raise errors.OpenQuote(line=line)
    if len(header) == len(text) and (more or not names):
        raise errors.LineTooLong(line=1, limit_bytes=BLOCK_BYTES)
    return names, reader.line_num, text[len(header) :]
