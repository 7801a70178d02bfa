"""The beginning of a CSV file: its encoding, its header, and the rows of the first block."""

import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES, decode_head
from etl_monitor.pipeline.answer_files.stray_quotes import IsRow, find_stray_quote


@dataclass(frozen=True, kw_only=True)
class CsvHead:
    """The first block of a CSV file. `body` is its text below the header."""

    columns: tuple[str, ...]
    encoding: str  # "utf-8" or "cp949"
    header_lines: int  # more than one if a column name holds line breaks
    body: str = field(repr=False)
    is_complete: bool  # the file ends with `body`
    format: Literal["CSV"] = "CSV"

    @property
    def has_rows(self) -> bool:
        return bool(self.body.strip()) or not self.is_complete

    def check_quotes(self, is_row: IsRow) -> None:
        """Raises PipelineError `open_quote`."""
        lines = io.StringIO(self.body, newline="")
        line = find_stray_quote(lines, is_row, is_complete=self.is_complete)
        if line is not None:
            raise errors.OpenQuote(line=self.header_lines + line)


def read_csv_head(block: bytes, *, is_complete: bool) -> CsvHead:
    """Read the first block of a file. Raises PipelineError `empty_file`, `binary_content`,
    `unknown_encoding`, `open_quote`, `line_too_long`."""
    encoding, text = decode_head(block)
    if is_complete and not text.strip():
        raise errors.EmptyFile()
    names, header, header_lines = _split_header(text)
    line = find_stray_quote(io.StringIO(header, newline=""), lambda line: False)
    if line is not None:
        raise errors.OpenQuote(line=line)
    if header == text and not (is_complete and names):
        raise errors.LineTooLong(line=1, limit_bytes=BLOCK_BYTES)
    return CsvHead(
        columns=tuple(name.strip() for name in names),
        encoding=encoding,
        header_lines=header_lines,
        body=text[len(header) :],
        is_complete=is_complete,
    )


def _split_header(text: str) -> tuple[list[str], str, int]:
    """Return the header's cells, its text and its number of lines. No cells: a cell of it is longer
    than the csv module reads (128 KiB)."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        names = next(reader, [])
    except csv.Error:
        return [], text, reader.line_num
    header = "".join(islice(io.StringIO(text, newline=""), reader.line_num))
    return names, header, reader.line_num
