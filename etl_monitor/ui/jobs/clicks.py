"""What happens when a person acts on jobs in a live view."""

from collections.abc import Callable, Mapping
from functools import partial

from etl_monitor.portal import addresses
from etl_monitor.ui.jobs import bulk_dialogs, commands, dialogs
from etl_monitor.ui.jobs.filter import PREFIX
from etl_monitor.ui.jobs.filter_bar import JOB, MonitorInputs
from etl_monitor.ui.jobs.labels import job_name, status_text
from etl_monitor.ui.live import commands as live_commands
from etl_monitor.ui.live.bus import ViewAction, show_notices
from etl_monitor.ui.session.job_table import JobTable, MonitorChoices
from etl_monitor.ui.session.state import job_table, notify, state, translator, visitor
from etl_monitor.ui.widgets.query_params import (
    Parameter,
    prefer_session,
    turn_page,
    write_choice,
)
from etl_monitor.wire.job import Job, JobStatus, may_cancel
from etl_monitor.wire.roles import Right, forbidden

_MAX_REASON = 500  # characters, as the service accepts it
_NEEDED = {
    "cancel": Right.CANCEL,
    "cancel-now": Right.CANCEL,
    "cancel-many": Right.CANCEL,
    "retry": Right.RETRY,
    "retry-many": Right.RETRY,
    "promote": Right.PROMOTE,
    "seen": Right.MARK_SEEN,
}

_OF_SEVERAL: Mapping[str, Callable[[list[str]], object]] = {
    "cancel-many": partial(bulk_dialogs.open_bulk_dialog, "cancel"),
    "retry-many": partial(bulk_dialogs.open_bulk_dialog, "retry"),
    "seen": commands.mark_seen,
}


def handle(
    action: ViewAction | None,
    job: Job | None = None,
    *,
    on_cancel: Callable[[Job], object] | None = None,
    on_retry: Callable[[Job], object] | None = None,
) -> None:
    """Carry out an action on a job or on several. `job` is the job as the view shows it, for one
    that the store does not have. `on_cancel` and `on_retry` replace what these buttons do.

    The person's rights are checked here first; the service decides.
    """
    if action is None:
        return
    if not _may(action):
        live_commands.notify_error(forbidden(visitor().role, _NEEDED[action.kind]))
    elif action.kind in ("cancel", "cancel-now"):
        _cancel(commands.find(action.id, job), on_cancel or _confirmed(action))
    elif action.kind == "retry":
        _retry(commands.find(action.id, job), on_retry or commands.retry)
    elif action.kind == "promote":
        _promote(commands.find(action.id, job))
    elif action.kind in _OF_SEVERAL:
        _OF_SEVERAL[action.kind](action.id.split(","))
    elif action.kind == "shortcuts":
        dialogs.show_shortcuts()
    show_notices()


def _may(action: ViewAction) -> bool:
    """Check the rights: a browser may send actions for which its page has no button."""
    return action.kind not in _NEEDED or _NEEDED[action.kind] in visitor().rights


def _cancel(job: Job | None, act: Callable[[Job], object]) -> None:
    """A job that has ended since the view was drawn is reported as such."""
    if job is None:
        return
    if may_cancel(job):
        act(job)
    elif job.status.is_final:
        t = translator()
        notify(t("toast-over", title=job_name(job, t), status=status_text(job, t)))


def _confirmed(action: ViewAction) -> Callable[[Job], object]:
    """Return what cancels a job: after a dialog, or at once if the view itself has asked."""
    if action.kind == "cancel":
        return dialogs.open_cancel_dialog
    return partial(commands.cancel, reason=action.text[:_MAX_REASON])


def _retry(job: Job | None, act: Callable[[Job], object]) -> None:
    if job is not None:
        act(job)


def _promote(job: Job | None) -> None:
    if job is not None:
        commands.promote(job)


def before_drawing(action: ViewAction, prefix: str = PREFIX) -> None:
    """Apply an action that changes how the page is drawn, before the page runs. `prefix`: of the
    inputs of the monitor that was clicked."""
    table, inputs = job_table(), MonitorInputs(prefix=prefix)
    prefer_session()
    if action.kind == "toggle":
        _toggle(action.id, table)
    elif action.kind == "connect":
        table.monitoring.connect()
    elif action.kind == "status":
        _toggle_status(action.id, table.monitor(prefix), inputs.statuses)
    elif action.kind == "seen":
        state().record_action()  # this run draws what may go, before it carries out the action
    elif action.kind in ("newer", "older"):
        turn_page(inputs.page, table.monitor(prefix).finished, action.kind)
    elif action.kind in ("active-newer", "active-older"):
        table.monitor(prefix).active.turn(action.kind.removeprefix("active-"))


def _toggle(job_id: str, table: JobTable) -> None:
    table.toggle(job_id)
    if addresses.has_pages():
        write_choice(JOB, table.address_after_toggle(job_id))


def _toggle_status(status: str, choices: MonitorChoices, parameter: Parameter) -> None:
    if status not in set(JobStatus):
        return
    choices.statuses ^= {JobStatus(status)}
    write_choice(parameter.name, ",".join(sorted(choices.statuses)), parameter.resets)
