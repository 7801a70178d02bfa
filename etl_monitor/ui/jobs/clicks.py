"""What a person chose in a live view, and what follows from it."""

from collections.abc import Callable

from etl_monitor.ui.jobs import bulk_dialogs, commands, dialogs
from etl_monitor.ui.jobs.filter_bar import PAGE, STATUSES
from etl_monitor.ui.jobs.labels import status_text
from etl_monitor.ui.live import commands as live_commands
from etl_monitor.ui.live.bus import ViewAction, show_notices
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.state import job_table, notify, translator, visitor
from etl_monitor.ui.widgets.query_params import prefer_session, turn_page, write_choice
from etl_monitor.wire.job import Job, JobStatus, may_cancel, short_id
from etl_monitor.wire.roles import Right, forbidden

_NEEDED = {
    "cancel": Right.CANCEL,
    "cancel-many": Right.CANCEL,
    "retry": Right.RETRY,
    "retry-many": Right.RETRY,
}


def handle(
    action: ViewAction | None,
    told: Job | None = None,
    *,
    on_cancel: Callable[[Job], object] | None = None,
    on_retry: Callable[[Job], object] | None = None,
) -> None:
    """Do what was asked of a job, or of several. Whether it may be done is looked up now, and
    decided by the service."""
    if action is None:
        return
    if not _may(action):
        live_commands.notify_error(forbidden(visitor().role, _NEEDED[action.kind]))
    elif action.kind == "cancel":
        _cancel(commands.find(action.id, told), on_cancel or dialogs.ask_cancel)
    elif action.kind == "retry":
        _retry(commands.find(action.id, told), on_retry or commands.retry)
    elif action.kind == "cancel-many":
        bulk_dialogs.ask_many("cancel", action.id.split(","))
    elif action.kind == "retry-many":
        bulk_dialogs.ask_many("retry", action.id.split(","))
    elif action.kind == "shortcuts":
        dialogs.show_shortcuts()
    show_notices()


def _may(action: ViewAction) -> bool:
    """A browser may send what no button of its page stands for."""
    return action.kind not in _NEEDED or _NEEDED[action.kind] in visitor().rights


def _cancel(job: Job | None, then: Callable[[Job], object]) -> None:
    """It may have ended between the last news and the click: that is said."""
    if job is None:
        return
    if may_cancel(job):
        then(job)
    elif job.status.is_final:
        t = translator()
        notify(t("toast-over", id=short_id(job.job_id), status=status_text(job, t)))


def _retry(job: Job | None, then: Callable[[Job], object]) -> None:
    if job is not None:
        then(job)


def before_drawing(action: ViewAction) -> None:
    """What changes how the page is drawn: runs before it is."""
    table = job_table()
    prefer_session()
    if action.kind == "toggle":
        table.toggle(action.id)
    elif action.kind == "connect":
        table.monitoring.connect()
    elif action.kind == "status":
        _toggle_status(action.id, table)
    elif action.kind in ("newer", "older"):
        turn_page(PAGE, table.finished, action.kind)


def _toggle_status(status: str, table: JobTable) -> None:
    if status not in set(JobStatus):
        return
    table.chosen_statuses ^= {JobStatus(status)}
    write_choice(STATUSES.name, ",".join(sorted(table.chosen_statuses)), STATUSES.resets)
