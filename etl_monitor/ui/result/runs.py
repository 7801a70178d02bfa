"""A test's finished jobs as a table. The page shows an active one above it, live."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.labels import cancel_reason, status_text
from etl_monitor.ui.jobs.problem import job_problem
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.ui.widgets.report import TableBlock, table
from etl_monitor.ui.widgets.table import NO_VALUE, Cell, Row, Table, cell, column, number
from etl_monitor.wire.job import Job, JobStatus, short_id

_TONES = {
    JobStatus.COMPLETED: "good",
    JobStatus.FAILED: "poor",
    JobStatus.CANCELLED: "fair",
}


def history(jobs: tuple[Job, ...], t: Translator) -> TableBlock | None:
    """Return the finished jobs, the newest first, each with a link to the monitor."""
    finished = [job for job in jobs if job.status.is_final]
    if not finished:
        return None
    columns = [
        column(t("column-begun"), tight=True),
        column(t("status")),
        column(t("column-attempt"), numeric=True),
        column(t("column-took"), numeric=True),
        column(t("fact-requested-by")),
        column(t("fact-job"), sortable=False),
    ]
    rows = [_row(job, t) for job in finished]
    return table(Table(label=t("tab-history"), columns=columns, rows=rows))


def _row(job: Job, t: Translator) -> Row:
    began_at = job.started_at or job.created_at
    cells = [
        cell(t.date_time(began_at) or NO_VALUE, began_at.timestamp() if began_at else None),
        cell(status_text(job, t), tone=_TONES.get(job.status), notes=_why(job, t)),
        number(job.attempt, t),
        _took(job, t),
        cell(person_name(job.requested_by, t) or NO_VALUE),
        cell(short_id(job.job_id), href=job_address(job.job_id, t)),
    ]
    return Row(id=job.job_id, cells=cells)


def _why(job: Job, t: Translator) -> list[str]:
    problem = job_problem(job, t)
    if problem is not None:
        return [problem["reason"]]
    reason = cancel_reason(job, t)
    return [t("cancelled-because", reason=reason)] if reason else []


def _took(job: Job, t: Translator) -> Cell:
    if job.started_at is None or job.finished_at is None:
        return number(None, t)
    seconds = (job.finished_at - job.started_at).total_seconds()
    return cell(t.duration(seconds), seconds)
