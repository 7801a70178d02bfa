"""The public functions for Streamlit pages: `progress_monitor()` and `job_status(job)`.

They may stand on another app's page, any number of times and anywhere: what is the page's (title,
keyboard, styles, the keys of its widgets) stays as it is unless a parameter asks for it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from etl_monitor.portal import addresses
from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.clicks import before_drawing, handle
from etl_monitor.ui.jobs.filter import PREFIX
from etl_monitor.ui.jobs.filter_bar import JOB, MonitorInputs, filter_bar
from etl_monitor.ui.jobs.lookup import find_job
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.jobs.status import JobView
from etl_monitor.ui.live.bus import begin_run, mount, show_notices
from etl_monitor.ui.live.connection_badge import BadgeView
from etl_monitor.ui.session.state import job_table, render_context, state
from etl_monitor.ui.widgets.query_params import value_without_input, write_page
from etl_monitor.wire.job import Job
from etl_monitor.wire.python_objects import fields_of_object

JobCallback = Callable[[Job], object]

_LINKED = "etl-linked-job"


def progress_monitor(
    key: str | None = None, *, badge: bool = True, shortcuts: bool = False, title: bool = False
) -> None:
    """Draw the full monitor here: running and finished jobs, cancel, retry, details.

    It follows the ETL service that `ETL_MONITOR_API_URL` names, with one follower for the whole
    process. `?job=ID` in the page's address opens that job. The parameters of its filters in the
    address, and the keys of their inputs, begin with `job-`; with a `key` of your own, with that.
    The address of another app's page is read, but never changed.

    `badge` draws the connection badge above, which a page needs once. `shortcuts` gives the page's
    keyboard to the monitor, `title` puts the numbers of running and failed jobs before the page's
    title.

    Raises SettingError if no service is configured.
    """
    begin_run()
    if badge:
        connection_badge(title=title)
    linked = _linked_job()
    above = linked if linked and _show_linked_job(linked) else None
    inputs = MonitorInputs(prefix=state().free_key(key or PREFIX, of="inputs"))
    view = MonitorView(
        job_filter=filter_bar(inputs), prefix=inputs.prefix, above=above, has_shortcuts=shortcuts
    )
    before = partial(before_drawing, prefix=inputs.prefix)
    action = mount(view, key=key or "etl-monitor", before=before)
    # There may be fewer pages than the address says.
    write_page(inputs.page, job_table().monitor(inputs.prefix).finished)
    handle(action)


def job_status(
    job: Job | Mapping[str, Any] | str | int | None,
    compact: bool = True,
    on_cancel: JobCallback | None = None,
    on_retry: JobCallback | None = None,
    *,
    key: str | None = None,
) -> None:
    """Draw one job here, live: a line (`compact`) or a card with its details.

    `job` is a `Job`, the JSON of one as the ETL service sends it, a row of `Snapshot.to_pandas()`,
    any object with the fields of a job, or a job's id. None draws that there is no job. `on_cancel`
    and `on_retry` replace what the buttons do (confirm, then request it from the service); they are
    called with the job as it is then. A `key` names the element for your style sheet, as in
    Streamlit.
    """
    begin_run()
    job_id, given = _parse_job(job)
    current = given or (find_job(job_id, render_context()) if job_id else None)
    name = key or f"etl-job-{job_id}-{'line' if compact else 'card'}"
    view = JobView(
        job=current or Job(job_id=job_id),
        compact=compact,
        is_known=current is not None,
        confirms=on_cancel is None,
    )
    action = mount(view, key=name, before=before_drawing)
    handle(action, current, on_cancel=on_cancel, on_retry=on_retry)


def connection_badge(*, title: bool = False) -> None:
    """Draw the connection badge: whether what the page shows is live."""
    mount(BadgeView(in_title=title), key="etl-badge", before=before_drawing)


def _parse_job(job: Any) -> tuple[str, Job | None]:
    """Return a job's id, and its record if that can be read."""
    if isinstance(job, Job):
        return job.job_id, job
    fields = fields_of_object(Job, job)
    if fields is None:
        return ("" if job is None else str(job)), None
    record = render_context().monitoring.client.reader.record(Job, fields)
    if record is None:
        return str(fields.get("jobId") or fields.get("job_id") or ""), None
    return record.job_id, record


def _linked_job() -> str | None:
    """Return the job that a link names. The first monitor on a page shows it. Another app's address
    is only read."""
    table = job_table()
    in_address = value_without_input(JOB) if addresses.has_pages() else st.query_params.get(JOB, "")
    table.follow_link(in_address)
    return table.linked_job if _LINKED not in state().views else None


def _show_linked_job(job_id: str) -> bool:
    """Draw the job that a link names, opened. Returns False if there is no such job."""
    job = commands.find(job_id)
    if job is None:
        show_notices()
        return False
    job_status(job, compact=False, key=_LINKED)
    return True
