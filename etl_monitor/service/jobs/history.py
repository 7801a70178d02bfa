"""Which jobs ran in a period, and how many ended in each part of it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select
from sqlalchemy import func as sql

from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.tables import job_ends, jobs
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

MAX_SPANS = 1000
MAX_BUCKETS = 100
MAX_PERIOD = timedelta(days=366)

_FIRST = datetime.min.replace(tzinfo=UTC)
_ROUNDING = timedelta(seconds=1)
_HOURLY = timedelta(hours=1)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_BUCKETS = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, _DAY, 7 * _DAY)
_UNREADABLE = {"status": JobStatus.FAILED, "started_at": NO_TIME}
_SPAN = [jobs.c[name] for name in JobSpan.model_fields]


def history(tx: Connection, since: datetime, until: datetime) -> History:
    """Return the history of a period of at most `MAX_PERIOD`; `since` lies before `until`."""
    size = bucket_seconds(until - since)
    ends = list(_ends(tx, since, until, size))
    ran = _ran_between(tx, since, until)
    newest = select(*_SPAN).where(ran).order_by(jobs.c.started_at.desc(), jobs.c.sequence.desc())
    rows = tx.execute(newest.limit(MAX_SPANS))
    total = sum(counts["ran"] for _, counts in ends) + _count_running(tx, until)
    return History(
        since=since,
        until=until,
        spans=tuple(read_row(JobSpan, row._mapping, "jobs", **_UNREADABLE) for row in rows),
        spans_total=total,
        capped=total > MAX_SPANS,
        bucket_seconds=size,
        buckets=tuple(Bucket.model_validate({**counts, "start": start}) for start, counts in ends),
    )


def bucket_seconds(period: timedelta) -> int:
    """Return the smallest bucket size that divides the period into at most `MAX_BUCKETS`."""
    least = period.total_seconds() / MAX_BUCKETS
    return next((size for size in _BUCKETS if size >= least), _BUCKETS[-1])


def _ran_between(tx: Connection, since: datetime, until: datetime) -> ColumnElement[bool]:
    is_running = jobs.c.status == JobStatus.RUNNING
    started = and_(jobs.c.started_at < until, jobs.c.started_at >= _earliest_start(tx, since))
    return and_(started, or_(jobs.c.finished_at >= since, is_running))


def _count_running(tx: Connection, at: datetime) -> int:
    """Return how many jobs were running at that moment."""
    query = select(sql.count()).select_from(jobs).where(_ran_between(tx, at, at))
    return int(tx.execute(query).scalar_one())


def _earliest_start(tx: Connection, since: datetime) -> datetime:
    """Return a time before which no job started that ran at `since` or later."""
    longest = tx.execute(select(sql.max(jobs.c.ran_seconds))).scalar_one() or 0.0
    running = select(sql.min(jobs.c.started_at)).where(jobs.c.status == JobStatus.RUNNING)
    oldest = tx.execute(running).scalar_one()
    before = timedelta(seconds=longest) + _ROUNDING
    earliest = max(since, _FIRST + before) - before
    return earliest if oldest is None else min(earliest, oldest)


def _ends(
    tx: Connection, since: datetime, until: datetime, size: int
) -> Iterator[tuple[datetime, Mapping[str, int]]]:
    """Yield where a bucket starts and how many jobs ended in it, unless none did."""
    length = timedelta(seconds=size)
    start = since - min((since - NO_TIME) % length, since - _FIRST)
    begin = since
    while begin < until:
        end = until if until - start <= length else start + length
        counts = _count_ends(tx, begin, end)
        if counts.pop("jobs"):
            yield start, counts
        start = begin = end


def _count_ends(tx: Connection, begin: datetime, end: datetime) -> dict[str, int]:
    """Whole hours have been counted by the database; of others an index has each job."""
    since_hour, part = (NO_TIME - begin) % _HOURLY, (end - NO_TIME) % _HOURLY
    first, last = begin + since_hour, end - part
    if last <= first:
        return _ended(tx, _OF_JOBS, begin, end)
    parts = (_OF_JOBS, begin, first), (_OF_HOURS, first, last), (_OF_JOBS, last, end)
    counts = [_ended(tx, query, start, stop) for query, start, stop in parts if start < stop]
    return {name: sum(each[name] for each in counts) for name in counts[0]}


def _ended(tx: Connection, query: Select[Any], begin: datetime, end: datetime) -> dict[str, int]:
    (row,) = tx.execute(query, {"begin": begin, "end": end})
    return {name: int(number) for name, number in row._mapping.items()}


def _between(at: ColumnElement[datetime], **counts: ColumnElement[int]) -> Select[Any]:
    columns = [count.label(name) for name, count in counts.items()]
    period = at >= bindparam("begin"), at < bindparam("end")
    return cast("Select[Any]", select(*columns)).where(*period)


def _sum(column: ColumnElement[int], *of: ColumnElement[bool]) -> ColumnElement[int]:
    total = sql.sum(column)
    return sql.coalesce(total.filter(*of) if of else total, 0)


_FINAL = tuple(status for status in JobStatus if status.is_final)
_OF_JOBS = _between(
    jobs.c.finished_at,
    jobs=sql.count(),
    ran=sql.count(jobs.c.started_at),
    rows=_sum(jobs.c.rows_done, jobs.c.status == JobStatus.COMPLETED),
    **{status: sql.count().filter(jobs.c.status == status) for status in _FINAL},
)
_OF_HOURS = _between(
    job_ends.c.hour,
    jobs=_sum(job_ends.c.jobs),
    ran=_sum(job_ends.c.ran),
    rows=_sum(job_ends.c.rows, job_ends.c.status == JobStatus.COMPLETED),
    **{status: _sum(job_ends.c.jobs, job_ends.c.status == status) for status in _FINAL},
)
