"""A table that a step hands over, of scores or of rejected rows: a Parquet file in the job's own
folder."""

from collections import Counter
from pathlib import Path
from typing import Any

from etl_monitor.service.border.values import plain_text

_BATCH_ROWS = 10_000


class UnusableTable(Exception):
    """The reason, in words that follow the file's name and a colon."""


def usable_table(handed_over: object, work_dir: Path) -> Path:
    """Return the file, which every format of the download can be made of.

    Raises UnusableTable. Reads the whole file once: a file that is cut off has a good beginning.
    """
    import pyarrow as pa  # 60 MB, which an idle worker does without
    from pyarrow import parquet

    path = _path_in(work_dir, handed_over)
    try:
        with parquet.ParquetFile(path) as scores:
            _check_columns(scores.schema_arrow)
            for _ in scores.iter_batches(batch_size=_BATCH_ROWS):
                pass
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = plain_text(error, 200)
        raise UnusableTable(f"cannot be read as Parquet ({reason})") from None
    return path


def _path_in(work_dir: Path, handed_over: object) -> Path:
    """Return the path without symbolic links, so that the file itself is moved."""
    if not isinstance(handed_over, str | Path):
        raise UnusableTable(f"is not a path but of the type {type(handed_over).__name__}")
    try:
        path = (work_dir / handed_over).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise UnusableTable(f"does not exist ({plain_text(error, 200)})") from None
    if not path.is_relative_to(work_dir.resolve()):
        raise UnusableTable("is not in the job's work_dir")
    if not path.is_file():
        raise UnusableTable("is not a file")
    return path


def _check_columns(schema: Any) -> None:
    if not schema.names:
        raise UnusableTable("has no columns")
    if repeated := [name for name, count in Counter(schema.names).items() if count > 1]:
        named = plain_text(", ".join(repeated), 200)
        raise UnusableTable(f"has several columns of the same name: {named}")
