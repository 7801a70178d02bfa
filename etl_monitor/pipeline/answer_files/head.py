"""The beginning of an answer file: its format, its columns, and what is wrong with it.

Three readers use this one check: the portal before it sends a file, the service before it accepts
one, and the job before it reads all of it.
"""

from typing import BinaryIO

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.answer_codes import check_type
from etl_monitor.pipeline.answer_files.columns import Columns, find_columns
from etl_monitor.pipeline.answer_files.csv_head import CsvHead, read_csv_head
from etl_monitor.pipeline.answer_files.encoding import BLOCK_BYTES
from etl_monitor.pipeline.answer_files.parquet_head import ParquetHead, read_parquet_head
from etl_monitor.pipeline.answer_files.stray_quotes import IsRow, RowTest
from etl_monitor.pipeline.kinds.definition import ID
from etl_monitor.pipeline.kinds.normalise import normalise_answer
from etl_monitor.wire.result import TestKind

PARQUET_MAGIC = b"PAR1"

FileHead = CsvHead | ParquetHead


def read_head(file: BinaryIO) -> FileHead:
    """Read a CSV file's first block or a Parquet file's footer. The content decides which it is.

    `file` is at its start. Raises PipelineError `empty_file`, `binary_content`, `unknown_encoding`,
    `open_quote`, `line_too_long`, `unreadable_file`: problems for every test kind.
    """
    block = file.read(BLOCK_BYTES)
    if block.startswith(PARQUET_MAGIC):
        return read_parquet_head(file)
    return read_csv_head(block, is_complete=not file.read(1))


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
        head.check_quotes(row_test(columns, kind))
    return columns


def row_test(columns: Columns, kind: TestKind) -> IsRow:
    """Return a test of whether a line would be a row of this file."""
    answers = {normalise_answer(answer) for answer in kind.answers}
    return RowTest(
        cells=columns.count,
        items=[columns.indices[name] for name in kind.columns if name != ID],
        is_answer=lambda cell: normalise_answer(cell) in answers,
    )
