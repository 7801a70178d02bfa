"""The filter of a list of jobs, and the names of its orders (`order.py`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, or_

from etl_monitor.service.jobs.search import search_condition
from etl_monitor.service.storage.blocks import Period
from etl_monitor.service.storage.sql_text import unindexed
from etl_monitor.service.storage.tables import job_counts, jobs
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.search import parse

# Two indexes have only the waiting jobs. SQLite uses them for this literal, not for a parameter.
IS_PENDING = jobs.c.status == literal_column(f"'{JobStatus.PENDING}'")
# Waiting jobs: those moved to the front, the last one first; then in the order of their creation.
QUEUE_ORDER = (jobs.c.promoted_at.desc().nulls_last(), jobs.c.sequence)


Columns = Mapping[str, ColumnElement[Any]]

COLUMNS: Columns = dict(jobs.c)
COUNTED: Columns = dict(job_counts.c)
# By these SQLite does not look up jobs. It does not know how many a filter leaves, and would sort
# all of them where an index has the order of the list.
BY_ORDER: Columns = {name: unindexed(column) for name, column in jobs.c.items()}


class JobSort(StrEnum):
    NEWEST = "newest"  # by creation
    OLDEST = "oldest"
    LONGEST = "longest"  # by time since the start; jobs that never started come last
    PROGRESS = "progress"  # highest first
    QUEUE = "queue"  # running jobs, waiting ones in the order in which they will run, the others


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

    @property
    def period(self) -> Period:
        return Period(since=self.since, until=self.until)

    @property
    def has_counts(self) -> bool:
        """Whether `job_counts` says how many jobs match."""
        counted = JobFilter(statuses=self.statuses, user_id=self.user_id, test_kind=self.test_kind)
        return self == counted

    def condition(
        self, columns: Columns = COLUMNS, entries: ColumnElement[bool] | None = None
    ) -> ColumnElement[bool]:
        """`columns`: those of `jobs`, or `COUNTED` or `BY_ORDER`. `entries`: a condition on the
        entries of the search index that are read."""
        return and_(True, *self._conditions(columns, entries))

    def _conditions(
        self, columns: Columns, entries: ColumnElement[bool] | None
    ) -> Iterator[ColumnElement[bool]]:
        if self.statuses:
            yield columns["status"].in_(self.statuses)
        for name in ("test_id", "user_id", "test_kind"):
            value = getattr(self, name)
            if value is not None:
                yield columns[name] == value
        if self.period != Period():
            yield self.period.condition(columns["created_at"])
        if self.q:
            searches = map(parse, self.q)
            found = (search_condition(each, columns["sequence"], entries) for each in searches)
            yield or_(*found)
