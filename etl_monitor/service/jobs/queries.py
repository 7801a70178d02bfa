"""Read jobs: one, a page of them, or all attempts of one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select, text
from sqlalchemy import func as sql

from etl_monitor.service import errors
from etl_monitor.service.jobs.filter import (
    BY_ORDER,
    COUNTED,
    JobFilter,
    JobSort,
    order_of,
    sort_key,
)
from etl_monitor.service.jobs.search import index, index_condition, narrowing
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.tables import (
    HAS_ENDED,
    job_counts,
    job_log,
    job_steps,
    jobs,
    tests,
)
from etl_monitor.wire.job import STATUSES, Job, JobDetail, JobStatus, JobStep, LogLine
from etl_monitor.wire.search import Search, parse

ACTIVE = (JobStatus.PENDING, JobStatus.RUNNING)
LOG_LINES = 500  # how many of the newest a job's details contain
# A `before` that is no job's id: the first page had no room for finished jobs.
FROM_THE_NEWEST = "*"


@dataclass(frozen=True, kw_only=True)
class JobPage:
    jobs: Sequence[Job]
    total: int  # jobs that match the filter, on all pages
    more_before: str | None = None  # the `before` of the next page, if there is one


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
    return _read(tx, select(jobs).where(_is_active()))


def active_of_test(tx: Connection, test_id: str) -> Job | None:
    row = tx.execute(select(jobs).where(jobs.c.test_id == test_id, _is_active())).one_or_none()
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


def running(tx: Connection) -> Sequence[Job]:
    return _read(tx, select(jobs).where(jobs.c.status == JobStatus.RUNNING))


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
        log=_log(tx, job_id),
        family=tuple(family(tx, job.root_id or job_id)),
    )


def page(
    tx: Connection,
    matching: JobFilter,
    *,
    limit: int,
    before: str | None = None,
    sort: JobSort = JobSort.NEWEST,
    offset: int = 0,
) -> JobPage:
    """Return a page, which starts after `offset` jobs or, sorted by newest, below the job `before`.

    With `before`, jobs created between two requests do not shift the pages. Without filters the
    first page of the newest has every active job, then finished ones up to `limit` in total; later
    pages have finished jobs only. If the last job of the first page is active, `before` it
    continues after that page.
    """
    total = count(tx, matching)
    if sort is not JobSort.NEWEST or matching != JobFilter():
        rows = _ordered(tx, matching, sort, limit + 1, before, offset, total)
    elif before is None and not offset:
        return _first_page(tx, limit, total)
    else:
        cursor, skipped = _cursor(tx, before, limit), _finished_offset(tx, offset, limit)
        ended = JobFilter(statuses=[status for status in JobStatus if status.is_final])
        rows = _ordered(tx, ended, sort, limit + 1, cursor, skipped, total)
    has_cursor = sort is JobSort.NEWEST and not offset
    more_before = _next_cursor(rows, limit) if has_cursor else None
    return JobPage(jobs=rows[:limit], total=total, more_before=more_before)


def count(tx: Connection, matching: JobFilter) -> int:
    if matching.has_counts:
        return sum(_stored_counts(tx, matching).values())
    found = _all_found(tx, matching)
    query = select(sql.count()).select_from(jobs).where(matching.condition())
    if found is not None:
        query = select(sql.count()).select_from(index).where(found)
    return int(tx.execute(query).scalar_one())


def count_by_status(tx: Connection, matching: JobFilter | None = None) -> dict[JobStatus, int]:
    matching = matching or JobFilter()
    if matching.has_counts:
        found = _stored_counts(tx, matching)
        return {status: found.get(status.value, 0) for status in STATUSES}
    # One pass without sorting the jobs into groups.
    each = [sql.count().filter(jobs.c.status == status) for status in STATUSES]
    (row,) = tx.execute(select(*each).select_from(jobs).where(matching.condition()))
    return dict(zip(STATUSES, row, strict=True))


def _stored_counts(tx: Connection, matching: JobFilter) -> dict[str, int]:
    """Return the counts by status as it is stored: of a damaged job, it may be anything."""
    counts = select(job_counts.c.status, sql.sum(job_counts.c.jobs))
    query = counts.where(matching.condition(COUNTED)).group_by(job_counts.c.status)
    return {status: int(number) for status, number in tx.execute(query)}


def _first_page(tx: Connection, limit: int, total: int) -> JobPage:
    active_jobs = active(tx)
    room = max(0, limit - len(active_jobs))
    finished = _read(tx, select(jobs).where(_has_ended()), room + 1)
    ids = [job.job_id for job in (*active_jobs, *finished[:room])]
    page_jobs = _read(tx, select(jobs).where(jobs.c.job_id.in_(ids)))
    return JobPage(jobs=page_jobs, total=total, more_before=_next_cursor(finished, room))


def _cursor(tx: Connection, before: str | None, limit: int) -> str | None:
    """Return `before`; or, if it is the active job at the end of the first page, the last finished
    job of that page."""
    job = None if before is None else find(tx, before)
    if job is None or not job.status.is_active:
        return before
    first_page = _first_page(tx, limit, total=0)
    return first_page.more_before or before if first_page.jobs[-1] == job else before


def _ordered(
    tx: Connection,
    matching: JobFilter,
    sort: JobSort,
    limit: int,
    before: str | None,
    offset: int,
    total: int,
) -> Sequence[Job]:
    keys = sort_key(sort, now())
    if keys is not None:
        matches = matching.condition()
        ended = matching.condition(BY_ORDER) if total > _SORTED else matches
        query = _in_two_parts(matches, ended, *keys, limit + offset)
    else:
        query = _in_order(tx, matching, sort)
        if before is not None and before != FROM_THE_NEWEST:
            query = query.where(jobs.c.sequence < _sequence(tx, before))
    return [as_job(row) for row in tx.execute(query.limit(limit).offset(offset))]


def _in_order(tx: Connection, matching: JobFilter, sort: JobSort) -> Select[Any]:
    """With a search, the index is read from its newest or oldest job on, until a page is full."""
    by_sequence = sort in (JobSort.NEWEST, JobSort.OLDEST)
    search = parse(matching.q[0]) if len(matching.q) == 1 and by_sequence else Search()
    found = index_condition(tx, search)
    if found is None:
        return select(jobs).where(matching.condition()).order_by(*order_of(sort))
    joined = index.join(jobs, jobs.c.sequence == index.c.rowid)
    narrowed = and_(found, narrowing(search), replace(matching, q=()).condition())
    order = index.c.rowid if sort is JobSort.OLDEST else index.c.rowid.desc()
    return select(jobs).select_from(joined).where(narrowed).order_by(order)


_SORTED = 1000  # jobs; if more match, they are read in the order of the list until it is full


def _in_two_parts(
    active_match: ColumnElement[bool],
    ended_match: ColumnElement[bool],
    of_active: ColumnElement[Any],
    of_ended: ColumnElement[Any],
    most: int,
) -> Select[Any]:
    """Select the jobs that match, highest key first: the active ones, which are few, and as many as
    are needed of the others, which an index has in this order."""
    key, newest = of_ended.desc().nulls_last(), jobs.c.sequence.desc()
    ended = select(jobs.c.sequence, of_ended.label("key"))
    ended = ended.where(ended_match, text(HAS_ENDED)).order_by(key, newest).limit(most)
    active = select(jobs.c.sequence, of_active.label("key"))
    active = active.where(active_match, _is_active())
    both = active.union_all(select(ended.subquery())).subquery()
    query = select(jobs).join(both, both.c.sequence == jobs.c.sequence)
    return query.order_by(both.c.key.desc().nulls_last(), both.c.sequence.desc())


def _all_found(tx: Connection, matching: JobFilter) -> ColumnElement[bool] | None:
    """Return the condition on the search index if nothing but its words decides."""
    search = parse(matching.q[0]) if len(matching.q) == 1 else Search()
    is_plain = matching == JobFilter(q=matching.q) and search == Search(terms=search.terms)
    return index_condition(tx, search) if is_plain else None


def _finished_offset(tx: Connection, offset: int, limit: int) -> int:
    """Return the offset among the finished jobs; the active ones are on the first page."""
    query = select(sql.count()).select_from(jobs).where(_is_active())
    return max(0, offset - min(limit, tx.execute(query).scalar_one()))


def _next_cursor(rows: Sequence[Job], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    return rows[limit - 1].job_id if limit else FROM_THE_NEWEST


def _read(tx: Connection, query: Select[Any], limit: int | None = None) -> Sequence[Job]:
    query = query.order_by(jobs.c.sequence.desc()).limit(limit)
    return [as_job(row) for row in tx.execute(query)]


def _is_active() -> ColumnElement[bool]:
    return jobs.c.status.in_(ACTIVE)


def _has_ended() -> ColumnElement[bool]:
    return jobs.c.status.not_in(ACTIVE)


def _sequence(tx: Connection, job_id: str) -> int:
    sequence = tx.execute(
        select(jobs.c.sequence).where(jobs.c.job_id == job_id)
    ).scalar_one_or_none()
    if sequence is None:
        raise errors.UnknownCursor(before=job_id)
    return int(sequence)


def _steps(tx: Connection, job_id: str) -> tuple[JobStep, ...]:
    query = select(job_steps).where(job_steps.c.job_id == job_id).order_by(job_steps.c.index)
    substitutes = {"name": "", "index": 0, "status": JobStatus.FAILED}
    rows = tx.execute(query)
    return tuple(read_row(JobStep, row._mapping, "job_steps", **substitutes) for row in rows)


def _log(tx: Connection, job_id: str) -> tuple[LogLine, ...]:
    query = select(job_log).where(job_log.c.job_id == job_id)
    newest = tx.execute(query.order_by(job_log.c.id.desc()).limit(LOG_LINES)).all()
    substitutes = {"at": NO_TIME, "level": "error", "message": "(cannot be shown)"}
    rows = reversed(newest)
    return tuple(read_row(LogLine, row._mapping, "job_log", **substitutes) for row in rows)
