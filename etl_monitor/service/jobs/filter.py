"""The filter and the order of a list of jobs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy import func as sql

from etl_monitor.service.storage.sql_time import seconds_between
from etl_monitor.service.storage.tables import jobs
from etl_monitor.wire.job import JobStatus

_SEARCHED = ("job_id", "test_id", "title", "user_id", "requested_by", "current_step")
_SEARCHED_ERROR = ("error_message", "error_code")


class JobSort(StrEnum):
    NEWEST = "newest"  # by creation
    OLDEST = "oldest"
    LONGEST = "longest"  # by time since the start; jobs that never started come last
    PROGRESS = "progress"  # highest first


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
    q: Sequence[str] = ()  # search texts; a job matches if it contains one of them
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
            yield or_(*map(_has_text, self.q))


def order_of(sort: JobSort, at: datetime) -> Sequence[ColumnElement[Any]]:
    """Return the columns to order by; ties are newest first. Running jobs are taken to end `at`."""
    newest = jobs.c.sequence.desc()
    if sort is JobSort.OLDEST:
        return (jobs.c.sequence,)
    if sort is JobSort.LONGEST:
        ran = seconds_between(jobs.c.started_at, sql.coalesce(jobs.c.finished_at, at))
        return ran.desc().nulls_last(), newest
    return (jobs.c.progress.desc(), newest) if sort is JobSort.PROGRESS else (newest,)


def _has_text(q: str) -> ColumnElement[bool]:
    names = (*_SEARCHED, *_SEARCHED_ERROR)
    return or_(*(jobs.c[name].icontains(q, autoescape=True) for name in names))
