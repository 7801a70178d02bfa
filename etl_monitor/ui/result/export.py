"""Scores as files to download, written on request in a thread of their own."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.widgets import spreadsheets
from etl_monitor.ui.widgets.spreadsheets import BYTE_ORDER_MARK, MAX_ROWS, as_xlsx

Format = Literal["csv", "xlsx", "parquet"]
OnRows = Callable[[int, int], object]

MIME: dict[Format, str] = {
    "csv": spreadsheets.MIME["csv"],
    "xlsx": spreadsheets.MIME["xlsx"],
    "parquet": "application/vnd.apache.parquet",
}

_BATCH = 5_000  # rows
_PROGRESS_INTERVAL = 0.5  # seconds


@dataclass(kw_only=True)
class Export:
    """The progress of one session's file. Its thread writes it."""

    format: Format | None = None  # None: no file is being written
    rows: int = 0
    total: int = 0
    problem: EtlMonitorError | None = None


def scores_file(client: EtlClient, test_id: str, file_format: Format, on_rows: OnRows) -> bytes:
    """Return the scores of every respondent. `on_rows(done, total)` is called while an XLSX file is
    written.

    Raises what the client raises, and EtlMonitorError `too_many_rows_for_xlsx`.
    """
    with tempfile.TemporaryDirectory(prefix="etl-scores-") as folder:
        source = Path(folder) / "scores"
        client.scores(test_id, source, "csv" if file_format == "csv" else "parquet")
        if file_format == "csv":  # the service has escaped its formulas
            return BYTE_ORDER_MARK + source.read_bytes()
        return source.read_bytes() if file_format == "parquet" else scores_as_xlsx(source, on_rows)


def scores_as_xlsx(source: Path, on_rows: OnRows) -> bytes:
    """Return a Parquet file as a workbook.

    Raises EtlMonitorError `too_many_rows_for_xlsx`.
    """
    with pq.ParquetFile(source) as scores:
        total: int = scores.metadata.num_rows
        if total > MAX_ROWS:
            raise EtlMonitorError(
                "too_many_rows_for_xlsx",
                f"An Excel sheet holds {MAX_ROWS:,} rows; these are {total:,}. Take the CSV or "
                "Parquet file.",
                {"rows": total, "limit": MAX_ROWS},
            )
        rows = _with_progress(scores, total, on_rows)
        return as_xlsx(scores.schema_arrow.names, rows, sheet="scores", frozen_columns=1)


def _with_progress(scores: Any, total: int, on_rows: OnRows) -> Iterator[tuple[Any, ...]]:
    reported_at, done = 0.0, 0
    for batch in scores.iter_batches(batch_size=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        done += batch.num_rows
        if done < total and time.monotonic() - reported_at > _PROGRESS_INTERVAL:
            reported_at = time.monotonic()
            on_rows(done, total)
