"""The public functions for Streamlit pages: `progress_monitor()` and `job_status(job)`."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.clicks import before_drawing, handle
from etl_monitor.ui.jobs.filter_bar import PAGE, filter_bar
from etl_monitor.ui.jobs.lookup import find_job
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.jobs.status import JobView
from etl_monitor.ui.live.bus import mount, show_notices
from etl_monitor.ui.live.connection_badge import BadgeView
from etl_monitor.ui.session.state import job_table, render_context
from etl_monitor.ui.widgets.query_params import write_page
from etl_monitor.wire.job import Job

JobCallback = Callable[[Job], object]


def progress_monitor(*, badge: bool = True) -> None:
    """Draw the full monitor here: running and finished jobs, cancel, retry, details.

    It follows the ETL service that `ETL_MONITOR_API_URL` names, with one follower for the whole
    process. `?job=ID` in the page's address opens that job. `badge` draws the connection badge
    above, which a page needs once.

    Raises SettingError if no service is configured.
    """
    if badge:
        connection_badge()
    linked = st.query_params.get("job")
    above = linked if linked and _show_linked_job(linked) else None
    view = MonitorView(job_filter=filter_bar(), above=above)
    action = mount(view, key="etl-monitor", before=before_drawing)
    write_page(PAGE, job_table().finished)  # there may be fewer pages than the address says
    handle(action)


def job_status(
    job: Job | Mapping[str, Any] | str,
    compact: bool = True,
    on_cancel: JobCallback | None = None,
    on_retry: JobCallback | None = None,
    *,
    key: str | None = None,
) -> None:
    """Draw one job here, live: a line (`compact`) or a card with its details.

    `job` is a `Job`, the JSON of one as the ETL service sends it, or a job's id. `on_cancel` and
    `on_retry` replace what the buttons do (confirm, then request it from the service); they are
    called with the job as it is then. Give a `key` if a page draws the same job more than once.
    """
    given = _parse_job(job)
    current = find_job(job, render_context()) if isinstance(job, str) else given
    name = key or f"etl-job-{given.job_id}-{'line' if compact else 'card'}"
    view = JobView(job=current or given, compact=compact, is_known=current is not None)
    action = mount(view, key=name, before=before_drawing)
    handle(action, current, on_cancel=on_cancel, on_retry=on_retry)


def connection_badge() -> None:
    """Draw the connection badge: whether what the page shows is live."""
    mount(BadgeView(), key="etl-badge", before=before_drawing)


def _parse_job(job: Job | Mapping[str, Any] | str) -> Job:
    if isinstance(job, Job):
        return job
    if isinstance(job, str):
        return Job(job_id=job)
    read = render_context().monitoring.client.reader.record(Job, job)
    return read or Job.model_validate(job)  # which says what is missing


def _show_linked_job(job_id: str) -> bool:
    """Draw the job that a link names, opened. Returns False if there is no such job."""
    table = job_table()
    if table.linked_job != job_id:
        table.linked_job = job_id
        table.open_jobs |= {job_id}
    job = commands.find(job_id)
    if job is None:
        show_notices()
        return False
    job_status(job, compact=False, key="etl-linked-job")
    return True
