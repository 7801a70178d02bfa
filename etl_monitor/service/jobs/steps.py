"""Write the progress of a job's steps. `lifecycle` calls it within its transactions."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, or_, update

from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.column_types import UtcTime
from etl_monitor.service.storage.fixed_sql import FixedStatement
from etl_monitor.service.storage.sql_time import not_before
from etl_monitor.service.storage.tables import job_steps
from etl_monitor.wire.job import JobStatus

_OF_JOB = update(job_steps).where(job_steps.c.job_id == bindparam("of_job"))
_OF_STEP = _OF_JOB.where(job_steps.c.index == bindparam("of_index"))
_COMPLETE_BEFORE = FixedStatement(
    _OF_JOB.where(
        job_steps.c.index < bindparam("before"), job_steps.c.status != JobStatus.COMPLETED
    ).values(
        status=JobStatus.COMPLETED,
        finished_at=not_before(job_steps.c.started_at, bindparam("ended_at", type_=UtcTime())),
    )
)
_START = FixedStatement(
    _OF_STEP.where(job_steps.c.status == JobStatus.PENDING).values(
        status=JobStatus.RUNNING, started_at=bindparam("begun_at")
    )
)
_COUNT_ROWS = FixedStatement(
    _OF_STEP.values(rows_done=bindparam("done"), rows_total=bindparam("total"))
)


def plan(tx: Connection, job_id: str, names: Sequence[str]) -> None:
    """Add the job's steps, all pending."""
    pending = {"job_id": job_id, "status": JobStatus.PENDING, "rows_done": 0}
    rows = [{**pending, "index": index, "name": name} for index, name in enumerate(names, start=1)]
    if rows:
        tx.execute(insert(job_steps), rows)


def advance(
    tx: Connection, job_id: str, index: int, *, rows_done: int | None, rows_total: int | None
) -> None:
    """Mark the step as running with so many rows, and all steps before it as completed."""
    at = now()
    _COMPLETE_BEFORE.execute(tx, {"of_job": job_id, "before": index, "ended_at": at})
    _START.execute(tx, {"of_job": job_id, "of_index": index, "begun_at": at})
    rows = {"done": rows_done or 0, "total": rows_total}
    _COUNT_ROWS.execute(tx, {"of_job": job_id, "of_index": index, **rows})


def close(tx: Connection, job_id: str, outcome: JobStatus) -> None:
    """End the running step. Steps that never ran stay pending, unless the job completed."""
    steps = update(job_steps).where(job_steps.c.job_id == job_id)
    has_ended = job_steps.c.status == JobStatus.RUNNING
    if outcome is JobStatus.COMPLETED:
        has_ended = or_(has_ended, job_steps.c.status == JobStatus.PENDING)
    finished_at = not_before(job_steps.c.started_at, now())
    tx.execute(steps.where(has_ended).values(status=outcome, finished_at=finished_at))
