"""Which jobs ran in a period, and how many ended in each part of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select
from sqlalchemy import func as sql

from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

MAX_SPANS = 1000
MAX_BUCKETS = 100
MAX_PERIOD = timedelta(days=366)

_FIRST = datetime.min.replace(tzinfo=UTC)
_ROUNDING = timedelta(seconds=1)
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_BUCKETS = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, _DAY, 7 * _DAY)
_FIRST = datetime.min.replace(tzinfo=UTC)
_ROUNDING = timedelta(seconds=1)
_UNREADABLE = {"status": JobStatus.FAILED, "started_at": NO_TIME}
_SPAN = [jobs.c[name] for name in JobSpan.model_fields]


def history(tx: Connection, since: datetime, until: datetime) -> History:
    """Return the history of a period of at most `MAX_PERIOD`; `since` lies before `until`."""
    size = bucket_seconds(until - since)
    ran = and_(_ran_between(since, until), jobs.c.started_at >= _earliest_start(tx, since))
    total = tx.execute(select(sql.count()).select_from(jobs).where(ran)).scalar_one()
    newest = select(*_SPAN).where(ran).order_by(jobs.c.started_at.desc(), jobs.c.sequence.desc())
    rows = tx.execute(newest.limit(MAX_SPANS))
    return History(
        since=since,
        until=until,
        spans=tuple(read_row(JobSpan, row._mapping, "jobs", **_UNREADABLE) for row in rows),
        spans_total=total,
        capped=total > MAX_SPANS,
        bucket_seconds=size,
        buckets=tuple(_buckets(tx, since, until, size)),
    )


def bucket_seconds(period: timedelta) -> int:
    """Return the smallest bucket size that divides the period into at most `MAX_BUCKETS`."""
    least = period.total_seconds() / MAX_BUCKETS
    return next((size for size in _BUCKETS if size >= least), _BUCKETS[-1])


def _ran_between(since: datetime, until: datetime) -> ColumnElement[bool]:
    is_running = jobs.c.status == JobStatus.RUNNING
    return and_(jobs.c.started_at < until, or_(jobs.c.finished_at >= since, is_running))


def _earliest_start(tx: Connection, since: datetime) -> datetime:
    """Return a time before which no job started that ran at `since` or later."""
    longest = tx.execute(select(sql.max(jobs.c.ran_seconds))).scalar_one() or 0.0
    running = select(sql.min(jobs.c.started_at)).where(jobs.c.status == JobStatus.RUNNING)
    oldest = tx.execute(running).scalar_one()
    before = timedelta(seconds=longest) + _ROUNDING
    earliest = max(since, _FIRST + before) - before
    return earliest if oldest is None else min(earliest, oldest)


def _buckets(tx: Connection, since: datetime, until: datetime, size: int) -> Iterator[Bucket]:
    """Yield the buckets that have jobs, each counted by itself: an index has all that it needs."""
    length = timedelta(seconds=size)
    start = since - min((since - NO_TIME) % length, since - _FIRST)
    begin = since
    while begin < until:
        end = until if until - start <= length else start + length
        (row,) = tx.execute(_ENDED, {"begin": begin, "end": end})
        if row.jobs:
            yield Bucket.model_validate({**row._mapping, "start": start})
        start = begin = end


def _count(status: JobStatus) -> ColumnElement[int]:
    return sql.count().filter(jobs.c.status == status)


_ENDED = select(
    sql.count().label("jobs"),
    sql.coalesce(sql.sum(jobs.c.rows_done).filter(jobs.c.status == JobStatus.COMPLETED), 0).label(
        "rows"
    ),
    *(_count(status).label(status) for status in JobStatus if status.is_final),
).where(jobs.c.finished_at >= bindparam("begin"), jobs.c.finished_at < bindparam("end"))
