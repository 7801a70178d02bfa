"""The order of a list of jobs.

Active jobs are few, so they are sorted. Of those that have ended an index has the order, and the
first ones are enough. The newest and the oldest jobs are both in the order of `sequence`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlalchemy import func as sql

from etl_monitor.service.jobs.filter import JobSort
from etl_monitor.service.jobs.queries import is_active
from etl_monitor.service.storage.sql_time import seconds_between
from etl_monitor.service.storage.tables import jobs

Columns = Sequence[ColumnElement[Any]]

_NEWEST = jobs.c.sequence.desc()


@dataclass(frozen=True, kw_only=True)
class Order:
    """`ended`: the order of the jobs that have ended, in which an index has all of them or, if
    `is_by_status`, those of each status."""

    every: Columns
    ended: Columns
    is_by_status: bool = False


def by_sequence(sort: JobSort) -> ColumnElement[Any]:
    return jobs.c.sequence if sort is JobSort.OLDEST else _NEWEST


def in_parts(sort: JobSort, at: datetime) -> Order | None:
    """Return the order of active and of ended jobs; None if it is that of `sequence`. Running jobs
    are taken to end `at`."""
    if sort is JobSort.LONGEST:
        running = seconds_between(jobs.c.started_at, sql.coalesce(jobs.c.finished_at, at))
        ran = case((is_active(), running), else_=jobs.c.ran_seconds)
        return Order(every=_highest(ran), ended=_highest(jobs.c.ran_seconds))
    if sort is JobSort.PROGRESS:
        ended = _highest(jobs.c.ended_progress)
        return Order(every=_highest(jobs.c.progress), ended=ended, is_by_status=True)
    return Order(every=_in_queue(), ended=(_NEWEST,)) if sort is JobSort.QUEUE else None


def _highest(key: ColumnElement[Any]) -> Columns:
    return key.desc().nulls_last(), _NEWEST


def _in_queue() -> Columns:
    """Columns of jobs that have ended make no difference."""
    columns = (jobs.c.status, jobs.c.promoted_at, jobs.c.sequence)
    status, promoted_at, sequence = (case((is_active(), column)) for column in columns)
    return status.desc().nulls_last(), promoted_at.desc().nulls_last(), sequence, _NEWEST
