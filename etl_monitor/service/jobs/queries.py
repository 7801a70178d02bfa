"""Read and count jobs: one, those of a test, or all attempts of one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select
from sqlalchemy import func as sql

from etl_monitor.service import errors
from etl_monitor.service.jobs import log
from etl_monitor.service.storage.rows import read_row
from etl_monitor.service.storage.tables import (
    job_steps,
    jobs,
    tests,
)
from etl_monitor.wire.job import Job, JobDetail, JobStatus, JobStep

ACTIVE = (JobStatus.PENDING, JobStatus.RUNNING)


def as_job(row: Row[Any]) -> Job:
    return read_row(Job, row._mapping, "jobs", status=JobStatus.FAILED)


def find(tx: Connection, job_id: str) -> Job | None:
    row = tx.execute(select(jobs).where(jobs.c.job_id == job_id)).one_or_none()
    return None if row is None else as_job(row)


def get(tx: Connection, job_id: str) -> Job:
    """Raises NotFound if the job is unknown."""
    job = find(tx, job_id)
    if job is None:
        raise errors.JobNotFound(job_id=job_id)
    return job


def active(tx: Connection) -> Sequence[Job]:
    """Return all active jobs, newest first."""
    return read(tx, select(jobs).where(is_active()))


def active_of_test(tx: Connection, test_id: str) -> Job | None:
    row = tx.execute(select(jobs).where(jobs.c.test_id == test_id, is_active())).one_or_none()
    return None if row is None else as_job(row)


def newest_of_test(tx: Connection, test_id: str) -> Job | None:
    query = select(jobs).where(jobs.c.test_id == test_id).order_by(jobs.c.sequence.desc())
    row = tx.execute(query.limit(1)).one_or_none()
    return None if row is None else as_job(row)


def rejected_rows_of_test(tx: Connection, test_id: str) -> str | None:
    """Return the name of the file of the rows that the test's newest run left out, if it has one.
    A run is a job that completed or failed."""
    ran = jobs.c.status.in_((JobStatus.COMPLETED, JobStatus.FAILED))
    query = select(jobs.c.rejected).where(jobs.c.test_id == test_id, ran)
    return tx.execute(query.order_by(jobs.c.sequence.desc()).limit(1)).scalar_one_or_none()


def trace(tx: Connection, job_id: str) -> str | None:
    """Return the `traceparent` of the span that made the job, if there was one."""
    query = select(jobs.c.trace).where(jobs.c.job_id == job_id)
    return tx.execute(query).scalar_one_or_none()


def running(tx: Connection) -> Sequence[Job]:
    return read(tx, select(jobs).where(jobs.c.status == JobStatus.RUNNING))


def count_pending(tx: Connection, *, at_most: int) -> int:
    """Return how many jobs wait, counting no further than `at_most`."""
    pending = select(jobs.c.job_id).where(jobs.c.status == JobStatus.PENDING).limit(at_most)
    return int(tx.execute(select(sql.count()).select_from(pending.subquery())).scalar_one())


def family(tx: Connection, root_id: str) -> Sequence[Job]:
    """Return all attempts of the same first job, oldest first."""
    query = select(jobs).where(jobs.c.root_id == root_id).order_by(jobs.c.sequence)
    return [as_job(row) for row in tx.execute(query)]


def newest_attempt(tx: Connection, root_id: str) -> int:
    """Return the highest attempt number without reading the family, which can be large: a retry
    every minute adds 1,440 attempts per day."""
    query = select(sql.max(jobs.c.attempt)).where(jobs.c.root_id == root_id)
    return int(tx.execute(query).scalar_one())


def detail(tx: Connection, job_id: str) -> JobDetail:
    job = get(tx, job_id)
    file_name = select(tests.c.file_name).where(tests.c.test_id == job.test_id)
    fields = {name: getattr(job, name) for name in Job.model_fields}
    return JobDetail(
        **fields,
        file_name=tx.execute(file_name).scalar_one_or_none(),
        steps=_steps(tx, job_id),
        log=log.read(tx, job_id),
        family=tuple(family(tx, job.root_id or job_id)),
    )


def read(tx: Connection, query: Select[Any], limit: int | None = None) -> Sequence[Job]:
    """Return the jobs of a query, newest first."""
    query = query.order_by(jobs.c.sequence.desc()).limit(limit)
    return [as_job(row) for row in tx.execute(query)]


def is_active() -> ColumnElement[bool]:
    return jobs.c.status.in_(ACTIVE)


def _steps(tx: Connection, job_id: str) -> tuple[JobStep, ...]:
    query = select(job_steps).where(job_steps.c.job_id == job_id).order_by(job_steps.c.index)
    substitutes = {"name": "", "index": 0, "status": JobStatus.FAILED}
    rows = tx.execute(query)
    return tuple(read_row(JobStep, row._mapping, "job_steps", **substitutes) for row in rows)
