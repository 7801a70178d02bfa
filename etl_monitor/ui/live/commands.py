"""Carry out a person's request through the service, and report its outcome as a toast."""

from collections.abc import Callable

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.roles import Right


def notify_error(error: EtlMonitorError) -> None:
    """Show why a request failed."""
    session.notify(problem_text(error, session.translator()))


def start_job(
    right: Right, start: Callable[[EtlClient], str], test_id: str | None, title: str
) -> bool:
    """Start a job with `start`, which returns its id. Returns True if the service accepted it.
    `title` names the test in the toast.

    The store is given the job's test, because older back ends do not send it.
    """
    table = session.job_table()
    job_ids: list[str] = []
    if not _attempt(right, lambda client: job_ids.append(start(client))):
        return False
    table.add_started(job_ids[0])
    if test_id:
        table.monitoring.store.link(job_ids[0], test_id)
    session.notify(session.translator()("toast-started", title=title))
    return True


def run_command(
    right: Right, command: Callable[[EtlClient], object], message_key: str, **arguments: str | int
) -> bool:
    """Run `command`, and show the message of `message_key` if it succeeds. Returns True then."""
    succeeded = _attempt(right, command)
    if succeeded:
        session.state().record_action()
        session.notify(session.translator()(message_key, **arguments))
    return succeeded


def _attempt(right: Right, command: Callable[[EtlClient], object]) -> bool:
    try:
        command(session.client_for(right))
    except EtlMonitorError as error:
        notify_error(error)
        return False
    return True
