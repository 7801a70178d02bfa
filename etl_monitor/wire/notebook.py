"""Jobs as tables, for notebooks and scripts: a row for each job, a column for each field."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from etl_monitor.wire.job import Job

_ROWS = 20  # of a table that a notebook shows


def jobs_frame(jobs: Iterable["Job"], columns: dict[str, Any]) -> "pd.DataFrame":
    """Return a frame with these columns: fields by name, each with its annotation. Times have the
    zone UTC, and whole numbers stay whole where some are missing."""
    import pandas as pd  # only here: the programs and their workers do without

    rows = [{name: getattr(job, name) for name in columns} for job in jobs]
    frame = pd.DataFrame(rows, columns=list(columns))
    for name, field in columns.items():
        if "datetime" in str(field.annotation):
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif field.annotation in (int, int | None):
            frame[name] = frame[name].astype("Int64")
    return frame.assign(status=frame["status"].map(str))


def jobs_html(frame: "pd.DataFrame") -> str:
    """Return the frame as HTML, without columns that are empty. All values are text in it."""
    shown = frame.dropna(axis="columns", how="all")
    return str(shown.to_html(index=False, na_rep="", max_rows=_ROWS, border=0, escape=True))


def job_html(frame: "pd.DataFrame") -> str:
    """Return a frame of one row as HTML: a line for each field that has a value."""
    shown = frame.dropna(axis="columns", how="all").T
    return str(shown.to_html(header=False, na_rep="", border=0, escape=True))
