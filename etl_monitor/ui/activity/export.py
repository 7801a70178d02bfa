"""The activity log as a file to download: the entries of all pages that the filters leave."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from etl_monitor.spreadsheets import MIME, csv_pieces, xlsx_pieces
from etl_monitor.ui.activity.query import EXPORT_LIMIT, ActivityQuery, all_entries, count_entries
from etl_monitor.ui.activity.table import spreadsheet_columns, spreadsheet_row
from etl_monitor.ui.downloads.reply import Download, FileRequest
from etl_monitor.ui.widgets.query_params import MAX_LENGTH
from etl_monitor.wire.activity import ActivityOutcome

_FILTERS = {
    "q": "q",
    "action": "action",
    "outcome": "outcome",
    "period": "period",
    "jobId": "job_id",
}
_COUNTED = 1000  # rows between two reports


def export_path(query: ActivityQuery, file_format: str) -> str:
    """Return the address of the file, below the portal's base."""
    values = {name: getattr(query, field) for name, field in _FILTERS.items()}
    return f"/activity.{file_format}?{urlencode({k: v for k, v in values.items() if v})}"


def activity_file(
    request: FileRequest, parameters: Mapping[str, str], file_format: str
) -> Download:
    """Return the newest entries, up to EXPORT_LIMIT; reading the pieces raises what the client
    raises."""
    chosen: dict[str, Any] = {
        field: parameters.get(name, "")[:MAX_LENGTH] for name, field in _FILTERS.items()
    }
    if chosen["outcome"] not in [*ActivityOutcome, ""]:  # an address may say anything
        chosen["outcome"] = ""
    query = ActivityQuery(**chosen)
    request.progress.update(format=file_format)
    columns, rows = spreadsheet_columns(request.t), _rows(request, query)
    pieces = (
        csv_pieces(columns, rows)
        if file_format == "csv"
        else xlsx_pieces(columns, rows, sheet=request.t("page-activity"))
    )
    return Download(name=f"activity.{file_format}", mime=MIME[file_format], pieces=pieces)


def _rows(request: FileRequest, query: ActivityQuery) -> Iterator[list[str | datetime]]:
    total = min(count_entries(request.client, query), EXPORT_LIMIT)
    for number, entry in enumerate(all_entries(request.client, query)):
        if number % _COUNTED == 0:
            request.progress.update(rows=number, total=total)
        yield spreadsheet_row(entry, request.t)
