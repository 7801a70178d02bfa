"""Scores as files to download: CSV and Parquet of the service, and XLSX made from Parquet."""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from etl_monitor import spreadsheets
from etl_monitor.errors import EtlMonitorError
from etl_monitor.spreadsheets import BYTE_ORDER_MARK, MAX_ROWS, xlsx_pieces
from etl_monitor.ui.downloads.reply import Download, FileRequest, file_stem
from etl_monitor.ui.results.labels import title_of

OnRows = Callable[[int, int], object]

MIME = {
    "csv": spreadsheets.MIME["csv"],
    "xlsx": spreadsheets.MIME["xlsx"],
    "parquet": "application/vnd.apache.parquet",
}

_BATCH = 5_000  # rows
_PROGRESS_INTERVAL = 0.5  # seconds


def scores_path(test_id: str, file_format: str) -> str:
    """Return the address of the file, below the portal's base."""
    return f"/scores/{quote(test_id, safe='')}.{file_format}"


def rejected_path(test_id: str, file_format: str) -> str:
    """Return the address of the file, below the portal's base."""
    return f"/rejected/{quote(test_id, safe='')}.{file_format}"


def scores_file(request: FileRequest, test_id: str, file_format: str) -> Download:
    """Return the scores of every respondent. Raises what the client raises; reading the pieces of
    a workbook also EtlMonitorError `too_many_rows_for_xlsx`."""
    result = request.client.result(test_id)
    request.progress.update(format=file_format, rows=0, total=0)
    stem = file_stem(request.t("download-name", title=title_of(result, request.t)))
    pieces: Mapping[str, Generator[bytes]] = {
        "csv": _csv(request, test_id, result.respondents or 0),
        "parquet": request.client.scores_stream(test_id, "parquet"),
        "xlsx": _xlsx(request, test_id),
    }
    return Download(
        name=f"{stem}.{file_format}", mime=MIME[file_format], pieces=pieces[file_format]
    )


def rejected_file(request: FileRequest, test_id: str, file_format: str) -> Download:
    """Return every row that was not scored, as the service sends it."""
    result = request.client.result(test_id)
    request.progress.update(format=file_format)
    title = title_of(result, request.t)
    stem = file_stem(request.t("download-rejected-name", title=title), "rejected")
    pieces = request.client.rejected_stream(test_id, "csv" if file_format == "csv" else "xlsx")
    return Download(
        name=f"{stem}.{file_format}", mime=spreadsheets.MIME[file_format], pieces=pieces
    )


def scores_as_xlsx(source: Path, on_rows: OnRows) -> Generator[bytes]:
    """Yield a Parquet file as a workbook.

    Raises EtlMonitorError `too_many_rows_for_xlsx`.
    """
    import pyarrow.parquet as pq  # 60 MB and a third of a second, for workbooks only

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
        yield from xlsx_pieces(scores.schema_arrow.names, rows, sheet="scores", frozen_columns=1)


def _csv(request: FileRequest, test_id: str, total: int) -> Generator[bytes]:
    """The service has escaped the formulas. A row ends with a line feed, and no value has one."""
    rows, shown_at = -1, time.monotonic()  # the heading is no row
    for number, piece in enumerate(request.client.scores_stream(test_id, "csv")):
        yield piece if number else BYTE_ORDER_MARK + piece
        rows += piece.count(b"\n")
        if total and time.monotonic() - shown_at > _PROGRESS_INTERVAL:
            shown_at = time.monotonic()
            request.progress.update(rows=min(rows, total), total=total)


def _xlsx(request: FileRequest, test_id: str) -> Generator[bytes]:
    with tempfile.TemporaryDirectory(prefix="etl-scores-") as folder:
        source = Path(folder) / "scores"
        request.client.scores(test_id, source)
        yield from scores_as_xlsx(
            source, lambda rows, total: request.progress.update(rows=rows, total=total)
        )


def _with_progress(scores: Any, total: int, on_rows: OnRows) -> Iterator[tuple[Any, ...]]:
    reported_at, done = 0.0, 0
    for batch in scores.iter_batches(batch_size=_BATCH):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)
        done += batch.num_rows
        if done < total and time.monotonic() - reported_at > _PROGRESS_INTERVAL:
            reported_at = time.monotonic()
            on_rows(done, total)
