"""What a person asked for, done: through the service, which decides; told back as a toast."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.commands import notify_error, run_command, start_job
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.job import Job, short_id
from etl_monitor.wire.roles import Right


def cancel(job: Job, reason: str = "") -> bool:
    return run_command(
        Right.CANCEL,
        lambda client: client.cancel(job.job_id, reason or None),
        "toast-cancel",
        id=short_id(job.job_id),
    )


def retry(job: Job) -> bool:
    return start_job(Right.RETRY, lambda client: client.retry(job.job_id).job_id, job.test_id)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one job of several: why nothing, or the new job, where there is one."""

    job: Job
    problem: str = ""
    new_job_id: str | None = None


def many(kind: Literal["cancel", "retry"], jobs: Sequence[Job], reason: str = "") -> list[Outcome]:
    """Cancel or retry several jobs."""
    t, table = session.translator(), session.job_table()
    by_id = {job.job_id: job for job in jobs}
    try:
        told = session.client_for(Right(kind)).bulk(kind, list(by_id), reason or None)
    except EtlMonitorError as error:
        return [Outcome(job=job, problem=problem_text(error, t)) for job in jobs]
    outcomes = [
        Outcome(
            job=by_id[one.job_id],
            problem=problem_text(one.error.api_error(), t) if one.error else "",
            new_job_id=one.new_job_id,
        )
        for one in told
        if one.job_id in by_id
    ]
    _take_up(outcomes, table)
    return outcomes


def _take_up(outcomes: Sequence[Outcome], table: JobTable) -> None:
    """What was started is shown at once, what was stopped may go, and nothing of it is chosen any
    more."""
    session.state().bulk_actions["jobs"] += any(not one.problem for one in outcomes)
    started = [one for one in outcomes if one.new_job_id]
    table.add_started(*(one.new_job_id for one in started if one.new_job_id))
    for one in started:
        if one.new_job_id and one.job.test_id:
            table.monitoring.store.link(one.new_job_id, one.job.test_id)
    if any(not one.problem and not one.new_job_id for one in outcomes):
        session.state().record_action()


def find(job_id: str, told: Job | None = None) -> Job | None:
    """A job as it is known now: to the store, else to whoever drew it, else to the service. None
    where nobody has it, which is told."""
    table = session.job_table()
    known = table.snapshot.jobs.get(job_id, told)
    if known is not None:
        return known
    try:
        return table.monitoring.client.job(job_id)
    except EtlMonitorError as error:
        notify_error(error)
        return None
