"""Which jobs ran in a period, and how many ended in each part of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select
from sqlalchemy import func as sql

from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.sql_time import bucket_start
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

MAX_SPANS = 1000
MAX_BUCKETS = 100
MAX_PERIOD = timedelta(days=366)

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_BUCKETS = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 2 * _HOUR, 6 * _HOUR, _DAY, 7 * _DAY)
_UNREADABLE = {"status": JobStatus.FAILED, "started_at": NO_TIME}
_SPAN = [jobs.c[name] for name in JobSpan.model_fields]


def history(tx: Connection, since: datetime, until: datetime) -> History:
    """Return the history of a period of at most `MAX_PERIOD`; `since` lies before `until`."""
    size = bucket_seconds(until - since)
    ran = _ran_between(since, until)
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


def _buckets(tx: Connection, since: datetime, until: datetime, size: int) -> Sequence[Bucket]:
    start = bucket_start(jobs.c.finished_at, size).label("start")
    counts = [_count(status).label(status) for status in JobStatus if status.is_final]
    done = jobs.c.status == JobStatus.COMPLETED
    rows = sql.coalesce(sql.sum(jobs.c.rows_done).filter(done), 0).label("rows")
    ended = and_(jobs.c.finished_at >= since, jobs.c.finished_at < until)
    query = select(start, rows, *counts).where(ended).group_by(start).order_by(start)
    return [_bucket(row) for row in tx.execute(query)]


def _bucket(row: Row[Any]) -> Bucket:
    start = datetime.fromtimestamp(int(row.start), UTC)
    return Bucket.model_validate({**row._mapping, "start": start})


def _count(status: JobStatus) -> ColumnElement[int]:
    return sql.count().filter(jobs.c.status == status)
