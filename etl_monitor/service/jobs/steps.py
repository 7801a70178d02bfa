"""How the steps of a running job went. Written by `jobs`, in its transactions."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, or_, update

from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.sql_time import not_before
from etl_monitor.service.storage.tables import job_steps
from etl_monitor.wire.job import JobStatus


def plan(tx: Connection, job_id: str, names: Sequence[str]) -> None:
    waiting = {"job_id": job_id, "status": JobStatus.PENDING, "rows_done": 0}
    rows = [{**waiting, "index": index, "name": name} for index, name in enumerate(names, start=1)]
    if rows:
        tx.execute(insert(job_steps), rows)


def advance(
    tx: Connection, job_id: str, index: int, *, rows_done: int | None, rows_total: int | None
) -> None:
    """The step runs, and all before it are done."""
    at = now()
    finished_at = not_before(job_steps.c.started_at, at)
    steps = update(job_steps).where(job_steps.c.job_id == job_id)
    tx.execute(
        steps.where(job_steps.c.index < index, job_steps.c.status != JobStatus.COMPLETED).values(
            status=JobStatus.COMPLETED, finished_at=finished_at
        )
    )
    this = steps.where(job_steps.c.index == index)
    waits = job_steps.c.status == JobStatus.PENDING
    tx.execute(this.where(waits).values(status=JobStatus.RUNNING, started_at=at))
    tx.execute(this.values(rows_done=rows_done or 0, rows_total=rows_total))


def close(tx: Connection, job_id: str, ended_as: JobStatus) -> None:
    """The job is over: so is the step that it was in. Steps that never ran stay pending."""
    over = update(job_steps).where(job_steps.c.job_id == job_id)
    ran = job_steps.c.status == JobStatus.RUNNING
    if ended_as is JobStatus.COMPLETED:
        ran = or_(ran, job_steps.c.status == JobStatus.PENDING)
    finished_at = not_before(job_steps.c.started_at, now())
    tx.execute(over.where(ran).values(status=ended_as, finished_at=finished_at))
