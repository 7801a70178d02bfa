"""New jobs: the first of a test, or a new attempt. `lifecycle` has what happens to them then."""

import uuid
from typing import Any

from sqlalchemy import Connection, Row, insert
from sqlalchemy.exc import IntegrityError

from etl_monitor import tracing
from etl_monitor.service import errors
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import Job, may_retry

STARTED = "job_started"


def create(
    tx: Connection,
    test: Row[Any],
    *,
    requested_by: str,
    step_count: int,
    retry_of: Job | None = None,
    force: bool = False,
) -> Job:
    """Create a pending job for a test. `force` means that existing results do not matter.

    Raises Conflict if the test has an active job.
    """
    job = _new_job(test, requested_by, step_count, force)
    if retry_of is not None:
        job = job.model_copy(update=_ancestry(tx, retry_of))
    with tracing.span("create job", job_id=job.job_id):
        data = job.model_dump_json(by_alias=True)
        _insert(tx, job, event_log.append(tx, STARTED, data, job_id=job.job_id))
    return job


def retry(tx: Connection, test: Row[Any], job: Job, *, requested_by: str, step_count: int) -> Job:
    """Create a new attempt of a job. Raises Conflict if the job's state does not allow it."""
    if not may_retry(job):
        raise errors.JobNotRetryable(job_id=job.job_id, job_status=job.status)
    return create(tx, test, requested_by=requested_by, step_count=step_count, retry_of=job)


def _new_job(test: Row[Any], requested_by: str, step_count: int, force: bool) -> Job:
    job_id, at = str(uuid.uuid4()), now()
    return Job(
        job_id=job_id,
        root_id=job_id,
        created_at=at,
        updated_at=at,
        test_id=test.test_id,
        user_id=test.user_id,
        anp_seq=test.anp_seq,
        title=test.title,
        test_kind=test.test_kind,
        step_count=step_count,
        requested_by=requested_by,
        force_reprocess=force,
    )


def _insert(tx: Connection, job: Job, sequence: int) -> None:
    """Insert the job. A unique index allows one active job per test, even in a race."""
    row = {name: value for name, value in job if name in jobs.c}
    try:
        with tx.begin_nested():
            trace = tracing.traceparent()
            tx.execute(insert(jobs).values(**row, sequence=sequence, trace=trace))
    except IntegrityError:
        active = job_queries.active_of_test(tx, job.test_id or "")
        if active is None:
            raise
        raise errors.TestAlreadyProcessing(test_id=active.test_id, job_id=active.job_id) from None


def _ancestry(tx: Connection, parent: Job) -> dict[str, Any]:
    root_id = parent.root_id or parent.job_id
    newest = job_queries.newest_attempt(tx, root_id)
    attempt = {"retry_of": parent.job_id, "root_id": root_id, "attempt": newest + 1}
    return attempt | {"force_reprocess": parent.force_reprocess}
