"""What a person may request for jobs: cancel, retry. The service decides; a toast reports it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.jobs.labels import job_name
from etl_monitor.ui.live.commands import notify_error, run_command, start_job
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.job import Job
from etl_monitor.wire.roles import Right


def cancel(job: Job, reason: str = "") -> bool:
    return run_command(
        Right.CANCEL,
        lambda client: client.cancel(job.job_id, reason or None),
        "toast-cancel",
        title=job_name(job, session.translator()),
    )


def promote(job: Job) -> bool:
    return run_command(
        Right.PROMOTE,
        lambda client: client.promote(job.job_id),
        "toast-promoted",
        title=job_name(job, session.translator()),
    )


def mark_seen(job_ids: Sequence[str]) -> bool:
    """Mark failures as seen. At the first that is rejected, the others stay as they are."""

    def mark(client: EtlClient) -> None:
        for job_id in job_ids:
            client.mark_seen(job_id)

    return run_command(Right.MARK_SEEN, mark, "toast-seen", n=len(job_ids))


def retry(job: Job) -> bool:
    return start_job(
        Right.RETRY,
        lambda client: client.retry(job.job_id).job_id,
        job.test_id,
        job_name(job, session.translator()),
    )


@dataclass(frozen=True, kw_only=True)
class JobOutcome:
    """What a bulk command did to one job: `problem` says why nothing, `new_job_id` names the next
    attempt, if one was started."""

    job: Job
    problem: str = ""
    new_job_id: str | None = None


def run_bulk(
    kind: Literal["cancel", "retry"], jobs: Sequence[Job], reason: str = ""
) -> list[JobOutcome]:
    """Cancel or retry several jobs."""
    t, table = session.translator(), session.job_table()
    by_id = {job.job_id: job for job in jobs}
    try:
        replies = session.client_for(Right(kind)).bulk(kind, list(by_id), reason or None)
    except EtlMonitorError as error:
        return [JobOutcome(job=job, problem=problem_text(error, t)) for job in jobs]
    outcomes = [
        JobOutcome(
            job=by_id[reply.job_id],
            problem=problem_text(reply.error.api_error(), t) if reply.error else "",
            new_job_id=reply.new_job_id,
        )
        for reply in replies
        if reply.job_id in by_id
    ]
    _record(outcomes, table)
    return outcomes


def _record(outcomes: Sequence[JobOutcome], table: JobTable) -> None:
    """Clear the selection, show new jobs at once, and let cancelled ones disappear."""
    done = [outcome for outcome in outcomes if not outcome.problem]
    session.state().bulk_actions["jobs"] += bool(done)
    started = {outcome.new_job_id: outcome.job for outcome in outcomes if outcome.new_job_id}
    table.add_started(*started)
    for new_job_id, job in started.items():
        if job.test_id:
            table.monitoring.store.link(new_job_id, job.test_id)
    if any(outcome.new_job_id is None for outcome in done):
        session.state().record_action()


def find(job_id: str, shown: Job | None = None) -> Job | None:
    """Return a job as it is now: from the store, else as the view `shown` it, else from the
    service. None, with a toast that says why, if it cannot be had."""
    table = session.job_table()
    job = table.snapshot.jobs.get(job_id, shown)
    if job is not None:
        return job
    try:
        return table.monitoring.client.job(job_id)
    except EtlMonitorError as error:
        notify_error(error)
        return None
