"""Opening an answer file. Its content says what it is, not its name."""

from collections.abc import Callable
from pathlib import Path

from etl_monitor.pipeline import errors
from etl_monitor.pipeline.answer_files.csv_file import CsvFile
from etl_monitor.pipeline.answer_files.csv_header import read_head
from etl_monitor.pipeline.answer_files.parquet_file import MAGIC, ParquetFile
from etl_monitor.pipeline.answer_files.rows import AnswerFile
from etl_monitor.pipeline.kinds.definition import Kind, find_kind


def check(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    """A quick look before a file is accepted: a CSV's first block, a Parquet file's footer.

    Raises PipelineError; the codes are listed in `etl_monitor.pipeline.errors`.
    """
    kind = find_kind(test_kind, kinds_dir)
    if _is_parquet(source):
        ParquetFile(source, kind)
    else:
        read_head(source, kind)


def open_answers(source: Path, kind: Kind, after_block: Callable[[], None]) -> AnswerFile:
    """Open a file for reading; `after_block` is called now and then while that takes time.

    Raises PipelineError; the codes are listed in `etl_monitor.pipeline.errors`.
    """
    return ParquetFile(source, kind) if _is_parquet(source) else CsvFile(source, kind, after_block)


def _is_parquet(source: Path) -> bool:
    with source.open("rb") as file:
        magic = file.read(len(MAGIC))
    if not magic:
        raise errors.EmptyFile()
    return magic == MAGIC
