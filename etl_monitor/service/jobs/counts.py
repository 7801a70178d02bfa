"""How many jobs match a filter: all of them, or in each status.

The database itself counts by person, kind and status; all else is counted by blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy import func as sql

from etl_monitor.service.jobs.filter import BY_ORDER, COUNTED, JobFilter
from etl_monitor.service.jobs.search import index, index_condition, is_indexed, narrowing
from etl_monitor.service.storage.blocks import Counting, Period, count_by_blocks, within
from etl_monitor.service.storage.sql_text import unindexed
from etl_monitor.service.storage.tables import job_blocks, job_counts, jobs
from etl_monitor.wire.job import STATUSES, JobStatus
from etl_monitor.wire.search import Search, parse

_TOTAL = (sql.count(),)
# One pass without sorting the jobs into groups.
_BY_STATUS = tuple(sql.count().filter(jobs.c.status == status) for status in STATUSES)
_AT: ColumnElement[Any] = unindexed(jobs.c.created_at)  # a block has few jobs of other times


def count(tx: Connection, matching: JobFilter) -> int:
    if matching.has_counts:
        return sum(_stored_counts(tx, matching).values())
    return _counted(tx, matching, _TOTAL)[0]


def count_by_status(tx: Connection, matching: JobFilter | None = None) -> dict[JobStatus, int]:
    matching = matching or JobFilter()
    if matching.has_counts:
        found = _stored_counts(tx, matching)
        return {status: found.get(status.value, 0) for status in STATUSES}
    return dict(zip(STATUSES, _counted(tx, matching, _BY_STATUS), strict=True))


def _stored_counts(tx: Connection, matching: JobFilter) -> Mapping[str, int]:
    """Return the counts by status as it is stored: of a damaged job, it may be anything."""
    counts = select(job_counts.c.status, sql.sum(job_counts.c.jobs))
    query = counts.where(matching.condition(COUNTED)).group_by(job_counts.c.status)
    return {status: int(number) for status, number in tx.execute(query)}


def _counted(
    tx: Connection, matching: JobFilter, numbers: Sequence[ColumnElement[int]]
) -> Sequence[int]:
    if matching.test_id is not None:  # a test has few jobs
        query = select(*numbers).select_from(jobs).where(matching.condition())
        (row,) = tx.execute(query)
        return row
    regardless = replace(matching, since=None, until=None)
    search = parse(matching.q[0]) if len(matching.q) == 1 else Search()
    is_found = is_indexed(tx, search)
    counting = Counting(
        name=f"{len(numbers)} {regardless!r}",
        size=len(numbers),
        query=lambda: (
            _of_index(tx, regardless, search, numbers, matching.period)
            if is_found
            else _of_jobs(regardless, numbers)
        ),
        key=index.rowid if is_found else jobs.c.sequence,
        at=_AT,
    )
    return count_by_blocks(tx, job_blocks, counting, matching.period)


def _of_jobs(matching: JobFilter, numbers: Sequence[ColumnElement[int]]) -> Select[Any]:
    condition = matching.condition(entries=within(index.rowid))
    query = cast("Select[Any]", select(*numbers)).select_from(jobs)
    return query.where(condition, within(jobs.c.sequence))


def _of_index(
    tx: Connection,
    matching: JobFilter,
    search: Search,
    numbers: Sequence[ColumnElement[int]],
    period: Period,
) -> Select[Any]:
    query = cast("Select[Any]", select(*numbers)).where(within(index.rowid))
    query = query.where(index_condition(search, tx))
    if numbers is _TOTAL and _is_plain(matching, search) and period == Period():
        return query.select_from(index.table)
    others = replace(matching, q=()).condition(BY_ORDER)
    narrowed = narrowing(search, BY_ORDER["status"])
    joined = index.table.join(jobs, jobs.c.sequence == index.rowid)
    return query.select_from(joined).where(narrowed, others)


def _is_plain(matching: JobFilter, search: Search) -> bool:
    """Whether nothing but words decides, so that the index alone can be counted."""
    return matching == JobFilter(q=matching.q) and search == Search(terms=search.terms)
