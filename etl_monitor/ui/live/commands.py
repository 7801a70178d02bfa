"""Carry out a person's request through the service, and report its outcome as a toast."""

from collections.abc import Callable

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.job import short_id
from etl_monitor.wire.roles import Right


def notify_error(error: EtlMonitorError) -> None:
    """Why something that was asked for did not happen."""
    session.notify(problem_text(error, session.translator()))


def start_job(right: Right, start: Callable[[EtlClient], str], test_id: str | None) -> bool:
    """Start a job; a back end that does not say which test a job is of gets it said here."""
    table = session.job_table()
    started: list[str] = []
    if not _attempt(right, lambda client: started.append(start(client))):
        return False
    table.add_started(started[0])
    if test_id:
        table.monitoring.store.link(started[0], test_id)
    session.notify(session.translator()("told-started", id=short_id(started[0])))
    return True


def run_command(right: Right, act: Callable[[EtlClient], object], told: str, **names: str) -> bool:
    succeeded = _attempt(right, act)
    if succeeded:
        session.state().record_action()
        session.notify(session.translator()(told, **names))
    return succeeded


def _attempt(right: Right, act: Callable[[EtlClient], object]) -> bool:
    try:
        act(session.acting(right))
    except EtlMonitorError as error:
        notify_error(error)
        return False
    return True
