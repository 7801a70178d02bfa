"""Open an answer file. Its content decides the format, not its name."""

from collections.abc import Callable
from pathlib import Path

from etl_monitor.pipeline.answer_files.csv_file import CsvFile
from etl_monitor.pipeline.answer_files.head import check_head, read_head, row_test
from etl_monitor.pipeline.answer_files.parquet_file import ParquetFile
from etl_monitor.pipeline.answer_files.parquet_head import ParquetHead
from etl_monitor.pipeline.answer_files.rows import AnswerFile
from etl_monitor.pipeline.kinds.definition import Kind, find_kind


def check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    """Check a file before it is accepted, by its head and, if it is Parquet, its first rows.

    Raises PipelineError; `etl_monitor.pipeline.errors` has the codes.
    """
    kind = find_kind(test_kind, kinds_dir)
    with source.open("rb") as file:
        head = read_head(file)
        columns = check_head(head, kind.offered)
    if isinstance(head, ParquetHead):
        ParquetFile(source, head, columns).check_first_rows()


def open_answers(source: Path, kind: Kind, after_block: Callable[[], None]) -> AnswerFile:
    """Open a file for reading. A CSV file is read once for it. `after_block` is called after each
    block that is read without a chunk of rows to show for it, and may raise to stop.

    Raises PipelineError; `etl_monitor.pipeline.errors` has the codes.
    """
    with source.open("rb") as file:
        head = read_head(file)
    columns = check_head(head, kind.offered)
    if isinstance(head, ParquetHead):
        return ParquetFile(source, head, columns, after_block)
    return CsvFile(source, head, columns, row_test(columns, kind.offered), after_block)
