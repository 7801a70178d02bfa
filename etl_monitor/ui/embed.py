"""What other people's Streamlit pages call: `progress_monitor()` and `job_status(job)`."""

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
    """The full monitor, here: connection, running and finished jobs, cancel, retry, details.

    Follows the ETL service that `ETL_MONITOR_API_URL` names, with one follower for the whole
    process. `?job=ID` in the page's address opens that job. `badge`: whether to show the connection
    here; it is shown once on a page.

    Raises SettingError where no service is known.
    """
    if badge:
        connection_badge()
    asked = st.query_params.get("job")
    above = asked if asked and _job_of_address(asked) else None
    view = MonitorView(job_filter=filter_bar(), above=above)
    action = mount(view, key="etl-monitor", before=before_drawing)
    write_page(PAGE, job_table().finished)  # there may be fewer than the address says
    handle(action)


def job_status(
    job: Job | Mapping[str, Any] | str,
    compact: bool = True,
    on_cancel: JobCallback | None = None,
    on_retry: JobCallback | None = None,
    *,
    key: str | None = None,
) -> None:
    """One job, inline and live: a line (`compact`) or a card with its details.

    `job` is a `Job`, the JSON of one as the ETL service sends it, or a job's id. `on_cancel` and
    `on_retry` replace what the buttons do (ask, then tell the service) and get the job as it is
    then. Give a `key` where the same job is drawn more than once on a page.
    """
    told = _as_job(job)
    known = find_job(job, render_context()) if isinstance(job, str) else told
    name = key or f"etl-job-{told.job_id}-{'line' if compact else 'card'}"
    view = JobView(job=known or told, compact=compact, is_known=known is not None)
    action = mount(view, key=name, before=before_drawing)
    handle(action, known, on_cancel=on_cancel, on_retry=on_retry)


def connection_badge() -> None:
    """How fresh everything is that is shown here."""
    mount(BadgeView(), key="etl-badge", before=before_drawing)


def _as_job(job: Job | Mapping[str, Any] | str) -> Job:
    if isinstance(job, Job):
        return job
    return Job(job_id=job) if isinstance(job, str) else Job.model_validate(job)


def _job_of_address(job_id: str) -> bool:
    """The job that a link names, opened, above everything else. False where nobody has it."""
    table = job_table()
    if table.linked_job != job_id:
        table.linked_job = job_id
        table.open_jobs |= {job_id}
    known = commands.find(job_id)
    if known is None:
        show_notices()
        return False
    job_status(known, compact=False, key="etl-linked-job")
    return True
