"""Which jobs are wanted, and in which order."""

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
    NEWEST = "newest"  # last created first
    OLDEST = "oldest"
    LONGEST = "longest"  # by how long they ran, or run; those that never started last
    PROGRESS = "progress"  # the furthest first


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Fields left out match every job. A job belongs to the period that it was created in: from
    `since` on, and before `until`. So it stays in its period, whatever becomes of it."""

    statuses: Sequence[JobStatus] = ()
    test_id: str | None = None
    user_id: str | None = None
    test_kind: str | None = None
    q: Sequence[str] = ()  # texts; one of them is enough
    since: datetime | None = None
    until: datetime | None = None

    def condition(self) -> ColumnElement[bool]:
        return and_(True, *self._conditions())

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.statuses:
            yield jobs.c.status.in_(self.statuses)
        for name in ("test_id", "user_id", "test_kind"):
            wanted = getattr(self, name)
            if wanted is not None:
                yield jobs.c[name] == wanted
        if self.since is not None:
            yield jobs.c.created_at >= self.since
        if self.until is not None:
            yield jobs.c.created_at < self.until
        if self.q:
            yield or_(*map(_has_text, self.q))


def order_of(sort: JobSort, at: datetime) -> Sequence[ColumnElement[Any]]:
    """Equal ones newest first. `at`: until when those that are not over have run."""
    newest = jobs.c.born.desc()
    if sort is JobSort.OLDEST:
        return (jobs.c.born,)
    if sort is JobSort.LONGEST:
        ran = seconds_between(jobs.c.started_at, sql.coalesce(jobs.c.finished_at, at))
        return ran.desc().nulls_last(), newest
    return (jobs.c.progress.desc(), newest) if sort is JobSort.PROGRESS else (newest,)


def _has_text(q: str) -> ColumnElement[bool]:
    names = (*_SEARCHED, *_SEARCHED_ERROR)
    return or_(*(jobs.c[name].icontains(q, autoescape=True) for name in names))
