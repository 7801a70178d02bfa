"""The jobs of a period as tables."""

from collections.abc import Sequence

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.history.rows import COUNTED, duration_of, each, group_of, heading, name_of
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.table import Cell, Row, Table, cell, column, number
from etl_monitor.wire.history import Bucket, History, JobSpan

_HEIGHT = "25rem"  # a higher table scrolls by itself


def throughput_table(history: History, t: Translator) -> Table:
    """Return a row for each bucket, the newest first."""
    columns = [column(heading(name, t), numeric=True) for name in COUNTED]
    return Table(
        label=each(history, t),
        columns=[column(t("history-begin"), tight=True), *columns],
        rows=[_bucket_row(bucket, t) for bucket in reversed(history.buckets)],
        height=_HEIGHT,
    )


def job_table(history: History, spans: Sequence[JobSpan], t: Translator) -> Table:
    """Return a row for each of the `spans`, with a link to its job."""
    return Table(
        label=t("history-timeline"),
        columns=[
            column(t("fact-job")),
            column(t("status")),
            column(t("fact-started"), tight=True),
            column(t("history-took"), numeric=True),
            column(t("fact-worker")),
        ],
        rows=[_job_row(span, history, t) for span in spans],
        height=_HEIGHT,
    )


def _bucket_row(bucket: Bucket, t: Translator) -> Row:
    begin = cell(t.date_time(bucket.start), bucket.start.timestamp())
    numbers = (number(getattr(bucket, name), t) for name in COUNTED)
    return Row(id=bucket.start.isoformat(), cells=[begin, *numbers])


def _job_row(span: JobSpan, history: History, t: Translator) -> Row:
    seconds = duration_of(span, history).total_seconds()
    cells: list[Cell] = [
        cell(name_of(span, t), href=job_address(span.job_id, t)),
        cell(t(f"status-{span.status}")),
        cell(t.date_time(span.started_at), span.started_at.timestamp()),
        cell(t.duration(seconds), seconds),
        cell(group_of(span, "worker", {})),
    ]
    return Row(id=span.job_id, cells=cells)
