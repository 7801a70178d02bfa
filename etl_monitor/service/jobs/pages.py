"""Pages of the list of jobs, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, select, text, true, union_all
from sqlalchemy import func as sql

from etl_monitor.service import errors
from etl_monitor.service.jobs.counts import count
from etl_monitor.service.jobs.filter import BY_ORDER, COLUMNS, JobFilter, JobSort
from etl_monitor.service.jobs.order import Order, by_sequence, in_parts
from etl_monitor.service.jobs.queries import ACTIVE, active, as_job, find, is_active, read
from etl_monitor.service.jobs.search import (
    index,
    index_condition,
    is_found,
    is_indexed,
    narrowing,
)
from etl_monitor.service.storage.blocks import Period, bounds
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.tables import HAS_ENDED, job_blocks, jobs
from etl_monitor.wire.job import FINAL, Job, JobStatus
from etl_monitor.wire.search import Search, parse

# A `before` that is no job's id: the first page had no room for finished jobs.
FROM_THE_NEWEST = "*"


@dataclass(frozen=True, kw_only=True)
class JobPage:
    jobs: Sequence[Job]
    total: int  # jobs that match the filter, on all pages
    more_before: str | None = None  # the `before` of the next page, if there is one


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
        rows = _ended_page(tx, limit + 1, cursor, skipped)
    has_cursor = sort is JobSort.NEWEST and not offset
    more_before = _next_cursor(rows, limit) if has_cursor else None
    return JobPage(jobs=rows[:limit], total=total, more_before=more_before)


def _first_page(tx: Connection, limit: int, total: int) -> JobPage:
    active_jobs = active(tx)
    room = max(0, limit - len(active_jobs))
    finished = read(tx, select(jobs).where(_has_ended()), room + 1)
    ids = [job.job_id for job in (*active_jobs, *finished[:room])]
    page_jobs = read(tx, select(jobs).where(jobs.c.job_id.in_(ids)))
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
    order = in_parts(sort, now())
    if order is not None:
        query = _in_parts(tx, matching, order, limit + offset, total)
    else:
        query = _in_order(tx, matching, sort)
        query = query.where(_of_period(tx, matching.period), *_older(tx, before))
    # With the total the database need not look for more after the last one.
    found = tx.execute(query.limit(min(limit, total)).offset(offset))
    return [as_job(row) for row in found]


def _of_period(tx: Connection, period: Period) -> ColumnElement[bool]:
    """Return where to read, in the order of `sequence`: the jobs of a period lie close together."""
    if period == Period():
        return true()
    limits = bounds(tx, job_blocks, period)
    return false() if limits is None else jobs.c.sequence.between(*limits)


def _in_order(tx: Connection, matching: JobFilter, sort: JobSort) -> Select[Any]:
    """With a search, the index is read from its newest or oldest job on, until a page is full."""
    search = parse(matching.q[0]) if len(matching.q) == 1 else Search()
    if not is_indexed(tx, search):
        return select(jobs).where(matching.condition()).order_by(by_sequence(sort))
    joined = index.table.join(jobs, jobs.c.sequence == index.rowid)
    others = replace(matching, q=()).condition(BY_ORDER)
    narrowed = and_(index_condition(search), narrowing(search, BY_ORDER["status"]), others)
    order = index.rowid if sort is JobSort.OLDEST else index.rowid.desc()
    return select(jobs).select_from(joined).where(narrowed).order_by(order)


_SORTED = 1000  # jobs; if more match, they are read in the order of the list until it is full
_CANDIDATES = 4  # times as many jobs as a page ends at are looked at one by one


def _in_parts(
    tx: Connection, matching: JobFilter, order: Order, most: int, total: int
) -> Select[Any]:
    """Select the active jobs that match, which are few, and as many as are needed of the others."""
    columns = BY_ORDER if total > _SORTED else COLUMNS
    ended = select(jobs.c.sequence).where(text(HAS_ENDED)).order_by(*order.ended)
    conditions = _ended_parts(matching, order)
    looked_up = conditions and not order.is_by_status
    sequences = _with_frequent_word(tx, matching, ended, most, total) if looked_up else ()
    if sequences:
        parts = [select(jobs.c.sequence).where(jobs.c.sequence.in_(sequences))]
    else:
        first = ended.where(matching.condition(columns)).limit(most)
        parts = [first.where(condition) for condition in conditions]
    oldest = select(sql.min(jobs.c.sequence)).where(is_active()).scalar_subquery()
    matches = matching.condition(columns, index.rowid >= oldest)
    active = select(jobs.c.sequence).where(matches, is_active())
    every = union_all(active, *(select(part.subquery()) for part in parts)).subquery()
    query = select(jobs).join(every, every.c.sequence == jobs.c.sequence)
    return query.order_by(*order.every)


def _with_frequent_word(
    tx: Connection, matching: JobFilter, ordered: Select[Any], most: int, total: int
) -> Sequence[int]:
    """Return the sequences of the first jobs that have a word which a quarter or more of them have,
    looked up one by one; none if it has to be looked up as a whole."""
    search = parse(matching.q[0]) if len(matching.q) == 1 else Search()
    others = replace(matching, q=())
    if most > _SORTED or total <= _SORTED or not is_indexed(tx, search):
        return ()
    if count(tx, others) > _CANDIDATES * total:
        return ()
    first = ordered.where(others.condition(BY_ORDER)).limit(_CANDIDATES * most).subquery()
    query = select(first.c.sequence).where(is_found(search, first.c.sequence)).limit(most)
    sequences = tx.execute(query).scalars().all()
    return sequences if len(sequences) == most else ()


def _ended_parts(matching: JobFilter, order: Order) -> Sequence[ColumnElement[bool]]:
    """Return the conditions of the parts in which an index has the order."""
    statuses = [status for status in matching.statuses or JobStatus if status.is_final]
    if order.is_by_status:
        of_statuses = [jobs.c.status == status for status in statuses]
        return of_statuses if matching.statuses else [*of_statuses, *_of_no_known_status()]
    return [true()] if statuses else []


def _of_no_known_status() -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of the jobs that have ended in a status of a newer version, or whose
    status is damaged. They are few, and an index has all that lie between two known words."""
    below = [None, *sorted(FINAL)]
    for low, high in zip(below, [*below[1:], None], strict=True):
        above = true() if low is None else jobs.c.status > low
        yield above if high is None else and_(above, jobs.c.status < high)


def _ended_page(tx: Connection, limit: int, before: str | None, offset: int) -> Sequence[Job]:
    query = select(jobs).where(_has_ended(), *_older(tx, before))
    return read(tx, query.offset(offset), limit)


def _older(tx: Connection, before: str | None) -> Iterator[ColumnElement[bool]]:
    if before is not None and before != FROM_THE_NEWEST:
        yield jobs.c.sequence < _sequence(tx, before)


def _finished_offset(tx: Connection, offset: int, limit: int) -> int:
    """Return the offset among the finished jobs; the active ones are on the first page."""
    query = select(sql.count()).select_from(jobs).where(is_active())
    return max(0, offset - min(limit, tx.execute(query).scalar_one()))


def _next_cursor(rows: Sequence[Job], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    return rows[limit - 1].job_id if limit else FROM_THE_NEWEST


def _sequence(tx: Connection, job_id: str) -> int:
    sequence = tx.execute(
        select(jobs.c.sequence).where(jobs.c.job_id == job_id)
    ).scalar_one_or_none()
    if sequence is None:
        raise errors.UnknownCursor(before=job_id)
    return int(sequence)


def _has_ended() -> ColumnElement[bool]:
    return jobs.c.status.not_in(ACTIVE)
