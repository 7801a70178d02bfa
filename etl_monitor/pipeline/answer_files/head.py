"""The beginning of an answer file: its format, its columns, and what is wrong with it.

Three readers use this one check: the portal before it sends a file, the service before it accepts
one, and the job before it reads all of it.
"""

import csv
import io
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, Literal

import pyarrow as pa
from pyarrow import parquet

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import check_type
from etl_monitor.pipeline.answer_files.columns import Columns, find_columns
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES, decode_head
from etl_monitor.pipeline.answer_files.sizes import is_text, width_of
from etl_monitor.pipeline.answer_files.stray_quotes import IsRow, RowTest, find_stray_quote
from etl_monitor.pipeline.kinds.definition import ID
from etl_monitor.pipeline.kinds.normalise import normalise_answer
from etl_monitor.wire.result import TestKind

PARQUET_MAGIC = b"PAR1"
LARGEST_ROW_COUNT = 50_000_000  # rows; each of a few bytes in a file, and of a hundred in a job

_LARGEST_CHUNK = 64 * 2**20  # bytes of a part of a column, unpacked
_LARGEST_RATIO = 100  # of those to the bytes of the file; more is no answer file
_SHARED_TEXT = 64  # a row of a column whose texts share parts counts as this part of all of them
_DICTIONARIES = frozenset({"PLAIN", "PLAIN_DICTIONARY", "RLE_DICTIONARY", "RLE", "BIT_PACKED"})


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


@dataclass(frozen=True, kw_only=True)
class Encodings:
    """How the columns that are read are stored. `as_dictionary`: the columns in which a repeated
    text can be read once. `largest_row`: bytes of a row, as far as the footer bounds them; texts
    read once count nothing."""

    as_dictionary: Sequence[str]
    largest_row: int


@dataclass(frozen=True, kw_only=True)
class ParquetHead:
    """The footer of a Parquet file. `types` are the columns' Arrow types."""

    columns: tuple[str, ...]
    schema_names: tuple[str, ...]  # as in the file, with blanks around them
    types: tuple[Any, ...]
    rows: int
    size: int  # bytes of the file
    metadata: Any = field(repr=False)  # Arrow's
    format: Literal["Parquet"] = "Parquet"

    @property
    def has_rows(self) -> bool:
        return self.rows > 0

    def check_sizes(self, indices: Collection[int]) -> None:
        """Raises PipelineError `too_many_rows`, `expands_too_much`."""
        if self.rows > LARGEST_ROW_COUNT:
            raise errors.TooManyRows(rows=self.rows, limit=LARGEST_ROW_COUNT)
        limit = max(_LARGEST_CHUNK, _LARGEST_RATIO * self.size)
        for index, chunks in self._chunks(indices).items():
            unpacked = max((chunk.total_uncompressed_size for chunk in chunks), default=0)
            if unpacked > limit:
                raise errors.ExpandsTooMuch(
                    column=self.columns[index], file_bytes=self.size, unpacked_bytes=unpacked
                )

    def encodings(self, indices: Collection[int]) -> Encodings:
        names, row = [], 1
        for index, chunks in self._chunks(indices).items():
            if not is_text(self.types[index]):
                row += width_of(self.types[index])
            elif all(_DICTIONARIES.issuperset(chunk.encodings) for chunk in chunks):
                names.append(chunks[0].path_in_schema if chunks else self.columns[index])
            else:  # each text may hold all bytes of its chunk, shared with the text before it
                row += max(chunk.total_uncompressed_size for chunk in chunks) // _SHARED_TEXT + 1
        return Encodings(as_dictionary=names, largest_row=row)

    def _chunks(self, indices: Collection[int]) -> dict[int, list[Any]]:
        """Return the parts of each column, by the column's index. Only columns without parts of
        their own are read, so a path is a name."""
        leaves = {
            self.metadata.schema.column(leaf).path: leaf
            for leaf in range(self.metadata.num_columns)
        }
        groups = [self.metadata.row_group(group) for group in range(self.metadata.num_row_groups)]
        return {
            index: [group.column(leaves[name]) for group in groups]
            for index, name in ((index, self.schema_names[index]) for index in indices)
            if name in leaves
        }


FileHead = CsvHead | ParquetHead


def read_head(file: BinaryIO) -> FileHead:
    """Read a CSV file's first block or a Parquet file's footer. The content decides which it is.

    `file` is at its start. Raises PipelineError `empty_file`, `binary_content`, `unknown_encoding`,
    `open_quote`, `line_too_long`, `unreadable_file`: problems for every test kind.
    """
    block = file.read(BLOCK_BYTES)
    if block.startswith(PARQUET_MAGIC):
        return _parquet_head(file)
    return _csv_head(block, is_complete=not file.read(1))


def check_head(head: FileHead, kind: TestKind) -> Columns:
    """Return the columns of `kind` in a file that, by its head, can be scored as that kind.

    Raises PipelineError `too_many_columns`, `missing_columns`, `duplicate_columns`,
    `unreadable_column`, `no_rows`, `open_quote`, `too_many_rows`, `expands_too_much`.
    """
    columns = find_columns(head.columns, kind)
    if isinstance(head, ParquetHead):
        for name, index in columns.indices.items():
            check_type(name, head.types[index])
        head.check_sizes(columns.indices.values())
    if not head.has_rows:
        raise errors.NoRows()
    if isinstance(head, CsvHead) and kind.answers:
        _check_quotes(head, row_test(columns, kind))
    return columns


def row_test(columns: Columns, kind: TestKind) -> IsRow:
    """Return a test of whether a line would be a row of this file."""
    answers = {normalise_answer(answer) for answer in kind.answers}
    return RowTest(
        cells=columns.count,
        items=[columns.indices[name] for name in kind.columns if name != ID],
        is_answer=lambda cell: normalise_answer(cell) in answers,
    )


def _check_quotes(head: CsvHead, is_row: IsRow) -> None:
    lines = io.StringIO(head.body, newline="")
    line = find_stray_quote(lines, is_row, is_complete=head.is_complete)
    if line is not None:
        raise errors.OpenQuote(line=head.header_lines + line)


def _csv_head(block: bytes, *, is_complete: bool) -> CsvHead:
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


def _parquet_head(file: BinaryIO) -> ParquetHead:
    try:
        file.seek(0)
        opened = parquet.ParquetFile(file, pre_buffer=False)
        schema, rows = opened.schema_arrow, int(opened.metadata.num_rows)
        names = tuple(name.strip() for name in schema.names)
        size = file.seek(0, os.SEEK_END)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # names may be any bytes
        raise errors.UnreadableFile(reason=str(error)) from None
    return ParquetHead(
        columns=names,
        schema_names=tuple(schema.names),
        types=tuple(schema.types),
        rows=rows,
        size=size,
        metadata=opened.metadata,
    )
