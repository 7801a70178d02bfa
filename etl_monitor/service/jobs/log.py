"""The lines that a job's steps have logged."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, exists, insert, select

from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.tables import job_log, jobs
from etl_monitor.wire.job import LogLine

MAX_LINES = 2000  # per job; the oldest are deleted
_SHOWN_LINES = 500  # how many of the newest a job's details contain


def write(tx: Connection, job_id: str, lines: Sequence[LogLine]) -> None:
    """Append lines to the job's log, and delete its oldest ones if there are too many."""
    if lines and tx.execute(select(exists().where(jobs.c.job_id == job_id))).scalar_one():
        tx.execute(insert(job_log), [{"job_id": job_id, **line.model_dump()} for line in lines])
        of_job = job_log.c.job_id == job_id
        newest = select(job_log.c.id).where(of_job).order_by(job_log.c.id.desc())
        too_old = newest.offset(MAX_LINES).limit(1).scalar_subquery()
        tx.execute(delete(job_log).where(of_job, job_log.c.id <= too_old))


def read(tx: Connection, job_id: str) -> tuple[LogLine, ...]:
    """Return the newest lines, oldest first."""
    query = select(job_log).where(job_log.c.job_id == job_id)
    newest = tx.execute(query.order_by(job_log.c.id.desc()).limit(_SHOWN_LINES)).all()
    substitutes = {"at": NO_TIME, "level": "error", "message": "(cannot be shown)"}
    rows = reversed(newest)
    return tuple(read_row(LogLine, row._mapping, "job_log", **substitutes) for row in rows)
