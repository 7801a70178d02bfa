"""Reading jobs: one, a page of them, a family."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select
from sqlalchemy import func as sql

from etl_monitor.service import errors
from etl_monitor.service.jobs.filter import JobFilter, JobSort, order_of
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.tables import job_log, job_steps, jobs, tests
from etl_monitor.wire.job import Job, JobDetail, JobStatus, JobStep, LogLine

ACTIVE = (JobStatus.PENDING, JobStatus.RUNNING)
LOG_LINES = 500  # the newest ones are shown
FROM_THE_NEWEST = (
    "*"  # a `before` that is no job's id: the first page had no room for finished ones
)


@dataclass(frozen=True, kw_only=True)
class JobPage:
    jobs: Sequence[Job]
    total: int  # that match the filter, on all pages
    more_before: str | None = field(default=None)  # the `before` of the next page


def as_job(row: Row[Any]) -> Job:
    return Job.model_validate(row._mapping)


def find(tx: Connection, job_id: str) -> Job | None:
    row = tx.execute(select(jobs).where(jobs.c.job_id == job_id)).one_or_none()
    return None if row is None else as_job(row)


def get(tx: Connection, job_id: str) -> Job:
    job = find(tx, job_id)
    if job is None:
        raise errors.JobNotFound(job_id=job_id)
    return job


def active(tx: Connection) -> Sequence[Job]:
    """Newest first."""
    return _read(tx, select(jobs).where(_is_active()))


def active_of_test(tx: Connection, test_id: str) -> Job | None:
    row = tx.execute(select(jobs).where(jobs.c.test_id == test_id, _is_active())).one_or_none()
    return None if row is None else as_job(row)


def running(tx: Connection) -> Sequence[Job]:
    return _read(tx, select(jobs).where(jobs.c.status == JobStatus.RUNNING))


def family(tx: Connection, root_id: str) -> Sequence[Job]:
    """Every attempt of the same first job, oldest first."""
    query = select(jobs).where(jobs.c.root_id == root_id).order_by(jobs.c.born)
    return [as_job(row) for row in tx.execute(query)]


def newest_attempt(tx: Connection, root_id: str) -> int:
    """Its number. Families grow: whoever retries every minute has a thousand by the evening."""
    query = select(sql.max(jobs.c.attempt)).where(jobs.c.root_id == root_id)
    return int(tx.execute(query).scalar_one())


def detail(tx: Connection, job_id: str) -> JobDetail:
    job = get(tx, job_id)
    file_name = select(tests.c.file_name).where(tests.c.test_id == job.test_id)
    known = {name: getattr(job, name) for name in Job.model_fields}
    return JobDetail(
        **known,
        file_name=tx.execute(file_name).scalar_one_or_none(),
        steps=_steps(tx, job_id),
        log=_log(tx, job_id),
        family=tuple(family(tx, job.root_id or job_id)),
    )


def page(
    tx: Connection,
    wanted: JobFilter,
    *,
    limit: int,
    before: str | None = None,
    sort: JobSort = JobSort.NEWEST,
    offset: int = 0,
) -> JobPage:
    """Paged by `offset`, the newest better by `before`, a job's id: jobs that come meanwhile then
    move nothing. The first page of the newest without filters has every active job, then finished
    ones up to `limit` in all; so the next ones have finished jobs only. Where an active job is the
    last one of the first page, what comes after it is what comes after that page."""
    total = tx.execute(select(sql.count()).select_from(jobs).where(wanted.condition())).scalar_one()
    if sort is not JobSort.NEWEST or wanted != JobFilter():
        found = _ordered(tx, wanted.condition(), sort, limit + 1, before, offset)
    elif before is None and not offset:
        return _opening(tx, limit, total)
    else:
        cursor, skipped = _cursor(tx, before, limit), _of_finished(tx, offset, limit)
        found = _ordered(tx, _is_over(), sort, limit + 1, cursor, skipped)
    can_go_on = sort is JobSort.NEWEST and not offset
    more_before = _next(found, limit) if can_go_on else None
    return JobPage(jobs=found[:limit], total=total, more_before=more_before)


def count_by_status(tx: Connection, wanted: JobFilter | None = None) -> dict[JobStatus, int]:
    counted = select(jobs.c.status, sql.count()).where((wanted or JobFilter()).condition())
    found = {JobStatus(status): n for status, n in tx.execute(counted.group_by(jobs.c.status))}
    return {status: found.get(status, 0) for status in JobStatus}


def _opening(tx: Connection, limit: int, total: int) -> JobPage:
    now_active = active(tx)
    room = max(0, limit - len(now_active))
    finished = _read(tx, select(jobs).where(_is_over()), room + 1)
    together = select(jobs).where(
        jobs.c.job_id.in_([job.job_id for job in (*now_active, *finished[:room])])
    )
    return JobPage(jobs=_read(tx, together), total=total, more_before=_next(finished, room))


def _cursor(tx: Connection, before: str | None, limit: int) -> str | None:
    """The last finished job of the first page, where `before` is the older active one below it."""
    job = None if before is None else find(tx, before)
    if job is None or not job.status.is_active:
        return before
    opening = _opening(tx, limit, total=0)
    return opening.more_before or before if opening.jobs[-1] == job else before


def _ordered(
    tx: Connection,
    matches: ColumnElement[bool],
    sort: JobSort,
    limit: int,
    before: str | None,
    offset: int,
) -> Sequence[Job]:
    if before is not None and before != FROM_THE_NEWEST:
        matches = and_(matches, jobs.c.born < _born(tx, before))
    query = select(jobs).where(matches).order_by(*order_of(sort, now()))
    return [as_job(row) for row in tx.execute(query.limit(limit).offset(offset))]


def _of_finished(tx: Connection, offset: int, limit: int) -> int:
    """The same offset among the finished jobs alone, the active ones being on the first page."""
    query = select(sql.count()).select_from(jobs).where(_is_active())
    return max(0, offset - min(limit, tx.execute(query).scalar_one()))


def _next(found: Sequence[Job], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    return found[limit - 1].job_id if limit else FROM_THE_NEWEST


def _read(tx: Connection, query: Select[Any], limit: int | None = None) -> Sequence[Job]:
    query = query.order_by(jobs.c.born.desc()).limit(limit)
    return [as_job(row) for row in tx.execute(query)]


def _is_active() -> ColumnElement[bool]:
    return jobs.c.status.in_(ACTIVE)


def _is_over() -> ColumnElement[bool]:
    return jobs.c.status.not_in(ACTIVE)


def _born(tx: Connection, job_id: str) -> int:
    born = tx.execute(select(jobs.c.born).where(jobs.c.job_id == job_id)).scalar_one_or_none()
    if born is None:
        raise errors.UnknownCursor(before=job_id)
    return int(born)


def _steps(tx: Connection, job_id: str) -> tuple[JobStep, ...]:
    query = select(job_steps).where(job_steps.c.job_id == job_id).order_by(job_steps.c.index)
    return tuple(JobStep.model_validate(row._mapping) for row in tx.execute(query))


def _log(tx: Connection, job_id: str) -> tuple[LogLine, ...]:
    query = select(job_log).where(job_log.c.job_id == job_id)
    newest = tx.execute(query.order_by(job_log.c.id.desc()).limit(LOG_LINES)).all()
    return tuple(LogLine.model_validate(row._mapping) for row in reversed(newest))
