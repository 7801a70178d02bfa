"""What a person asked for, done: through the service, which decides; told back as a toast."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.jobs.row import short_id
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.state import JobTable
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right


def cancel(job: Job, reason: str = "") -> bool:
    return _done(
        Right.CANCEL,
        lambda client: client.cancel(job.job_id, reason or None),
        "told-cancel",
        id=short_id(job.job_id),
    )


def retry(job: Job) -> bool:
    return _started(Right.RETRY, lambda client: client.retry(job.job_id).job_id, job.test_id)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one job of several: why nothing, or the new job, where there is one."""

    job: Job
    problem: str = ""
    new_job_id: str | None = None


def many(kind: Literal["cancel", "retry"], jobs: Sequence[Job], reason: str = "") -> list[Outcome]:
    """Cancel or retry several jobs."""
    texts, table = session.texts(), session.job_table()
    by_id = {job.job_id: job for job in jobs}
    try:
        told = session.acting(Right(kind)).bulk(kind, list(by_id), reason or None)
    except EtlMonitorError as error:
        return [Outcome(job=job, problem=problem_text(error, texts)) for job in jobs]
    outcomes = [
        Outcome(
            job=by_id[one.job_id],
            problem=problem_text(one.error, texts) if one.error else "",
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
    table.bulk["jobs"] += any(not one.problem for one in outcomes)
    started = [one for one in outcomes if one.new_job_id]
    table.has_started(*(one.new_job_id for one in started if one.new_job_id))
    for one in started:
        if one.new_job_id and one.job.test_id:
            table.monitoring.store.link(one.new_job_id, one.job.test_id)
    if any(not one.problem and not one.new_job_id for one in outcomes):
        table.has_acted()


def reprocess_many(test_ids: Sequence[str]) -> dict[str, str | None]:
    """Process several tests again. Test id → why not, None where it is queued."""
    texts, table = session.texts(), session.job_table()
    try:
        outcomes = session.acting(Right.PROCESS).process_many(test_ids, force=True)
    except EtlMonitorError as error:
        return dict.fromkeys(test_ids, problem_text(error, texts))
    started = [one.job_id for one in outcomes if one.job_id]
    table.has_started(*started)
    table.bulk["tests"] += bool(started)
    return {one.test_id: problem_text(one.error, texts) if one.error else None for one in outcomes}


def reprocess(result: TestResult, *, force: bool) -> bool:
    return _started(
        Right.PROCESS,
        lambda client: client.process(result.user_id, result.anp_seq, force=force).job_id,
        result.id,
    )


def delete(result: TestResult, title: str) -> bool:
    return _done(
        Right.DELETE, lambda client: client.delete_result(result.id), "told-deleted", title=title
    )


def remove_samples() -> bool:
    return _done(
        Right.REMOVE_SAMPLES, lambda client: client.remove_samples(), "told-samples-removed"
    )


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
        tell(error)
        return None


def tell(error: EtlMonitorError) -> None:
    """Why something that was asked for did not happen."""
    session.notify(problem_text(error, session.texts()))


def _started(right: Right, start: Callable[[EtlClient], str], test_id: str | None) -> bool:
    """Start a job; a back end that does not say which test a job is of gets it said here."""
    table = session.job_table()
    started: list[str] = []
    if not _attempt(right, lambda client: started.append(start(client))):
        return False
    table.has_started(started[0])
    if test_id:
        table.monitoring.store.link(started[0], test_id)
    session.notify(session.texts()("told-started", id=short_id(started[0])))
    return True


def _done(right: Right, act: Callable[[EtlClient], object], told: str, **names: str) -> bool:
    succeeded = _attempt(right, act)
    if succeeded:
        session.job_table().has_acted()
        session.notify(session.texts()(told, **names))
    return succeeded


def _attempt(right: Right, act: Callable[[EtlClient], object]) -> bool:
    try:
        act(session.acting(right))
    except EtlMonitorError as error:
        tell(error)
        return False
    return True
