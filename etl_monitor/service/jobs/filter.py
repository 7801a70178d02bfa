"""The filter and the order of a list of jobs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import func as sql

from etl_monitor.service.jobs.search import search_condition
from etl_monitor.service.storage.sql_time import seconds_between
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.search import parse

# Waiting jobs: those moved to the front, the last one first; then in the order of their creation.
QUEUE_ORDER = (jobs.c.promoted_at.desc().nulls_last(), jobs.c.sequence)


class JobSort(StrEnum):
    NEWEST = "newest"  # by creation
    OLDEST = "oldest"
    LONGEST = "longest"  # by time since the start; jobs that never started come last
    PROGRESS = "progress"  # highest first
    QUEUE = "queue"  # running jobs, then waiting ones in the order in which they will run


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list contains. Fields left out match every job.

    The period, `since` inclusive to `until` exclusive, is that of the job's creation, so that a job
    never moves from one period to another.
    """

    statuses: Sequence[JobStatus] = ()
    test_id: str | None = None
    user_id: str | None = None
    test_kind: str | None = None
    q: Sequence[str] = ()  # search texts (`wire/search.py`); one of them has to match
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        return and_(True, *self._conditions())

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.statuses:
            yield jobs.c.status.in_(self.statuses)
        for name in ("test_id", "user_id", "test_kind"):
            value = getattr(self, name)
            if value is not None:
                yield jobs.c[name] == value
        if self.since is not None:
            yield jobs.c.created_at >= self.since
        if self.until is not None:
            yield jobs.c.created_at < self.until
        if self.q:
            yield or_(*(search_condition(parse(text)) for text in self.q))


def order_of(sort: JobSort, at: datetime) -> Sequence[ColumnElement[Any]]:
    """Return the columns to order by; ties are newest first. Running jobs are taken to end `at`."""
    newest = jobs.c.sequence.desc()
    if sort is JobSort.OLDEST:
        return (jobs.c.sequence,)
    if sort is JobSort.LONGEST:
        ran = seconds_between(jobs.c.started_at, sql.coalesce(jobs.c.finished_at, at))
        return ran.desc().nulls_last(), newest
    if sort is JobSort.QUEUE:
        return (jobs.c.status.desc(), *QUEUE_ORDER)
    return (jobs.c.progress.desc(), newest) if sort is JobSort.PROGRESS else (newest,)
