"""Clears away what is too much or too old: events, finished jobs, entries of the activity log.

Each call takes a small step, the oldest first, and returns how many it took; so no writer waits
long for it. What is active is never touched, nor a test's newest job, nor the one of its results.
Ages are by the wall's clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, select
from sqlalchemy import func as sql

from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import activity, events, results
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.settings import Settings

STEP = 500  # rows
JOBS_STEP = 20  # a job has rows of steps and log, and its removal an event

_newer = jobs_table.alias("newer")


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy:
    """The newest so many, for so long."""

    events: int
    events_for: timedelta
    jobs: int
    jobs_for: timedelta
    activity: int
    activity_for: timedelta


def retention_policy(settings: Settings) -> RetentionPolicy:
    return RetentionPolicy(
        events=settings.keep_events,
        events_for=timedelta(days=settings.keep_events_days),
        jobs=settings.keep_jobs,
        jobs_for=timedelta(days=settings.keep_jobs_days),
        activity=settings.keep_activity,
        activity_for=timedelta(days=settings.keep_activity_days),
    )


def prune_events(db: Database, wanted: RetentionPolicy) -> int:
    """Always the oldest ones without a gap: what is left can be replayed."""
    oldest = select(events.c.position, events.c.at).order_by(events.c.position).limit(STEP)
    with db.writing() as tx:
        beyond, before = event_log.position(tx) - wanted.events, now() - wanted.events_for
        last = _last(tx.execute(oldest), lambda row: row.position <= beyond or row.at < before)
        return tx.execute(delete(events).where(events.c.position <= last)).rowcount


def prune_activity(db: Database, wanted: RetentionPolicy) -> int:
    """Told by their numbers, which have no gaps: to count them is to read the whole log."""
    oldest = select(activity.c.id, activity.c.at).order_by(activity.c.id).limit(STEP)
    newest = select(sql.max(activity.c.id))
    with db.writing() as tx:
        beyond = (tx.execute(newest).scalar_one() or 0) - wanted.activity
        before = now() - wanted.activity_for
        last = _last(tx.execute(oldest), lambda row: row.id <= beyond or row.at < before)
        return tx.execute(delete(activity).where(activity.c.id <= last)).rowcount


def prune_jobs(db: Database, wanted: RetentionPolicy) -> int:
    """Each one's removal is told in the feed."""
    with db.reading() as tx:  # looking takes longer than removing, and keeps no writer waiting
        found = _old_jobs(tx, _ended_before(wanted)) or _old_jobs(tx, _born_before(tx, wanted))
    if not found:
        return 0
    with db.writing() as tx:
        still_there = [job_id for job_id in found if job_queries.find(tx, job_id) is not None]
        for job_id in still_there:
            lifecycle.remove(tx, job_id)
        return len(still_there)


def _last(oldest: Iterable[Row[Any]], is_old: Callable[[Row[Any]], bool]) -> int:
    """The key of the last row before the first one that is kept; 0: none."""
    return max((int(row[0]) for row in takewhile(is_old, oldest)), default=0)


def _old_jobs(tx: Connection, too_old: ColumnElement[bool]) -> list[str]:
    same_test = _newer.c.test_id == jobs_table.c.test_id
    was_followed = exists().where(same_test, _newer.c.born > jobs_table.c.born)
    has_results = exists().where(results.c.job_id == jobs_table.c.job_id)
    over = jobs_table.c.status.not_in(job_queries.ACTIVE)
    query = select(jobs_table.c.job_id).where(too_old, over, was_followed, ~has_results)
    return list(tx.execute(query.limit(JOBS_STEP)).scalars())


def _ended_before(wanted: RetentionPolicy) -> ColumnElement[bool]:
    return and_(True, jobs_table.c.finished_at < now() - wanted.jobs_for)


def _born_before(tx: Connection, wanted: RetentionPolicy) -> ColumnElement[bool]:
    """Older than the newest finished ones that are to be kept."""
    over = jobs_table.c.status.not_in(job_queries.ACTIVE)
    newest = select(jobs_table.c.born).where(over).order_by(jobs_table.c.born.desc())
    edge = tx.execute(newest.offset(wanted.jobs).limit(1)).scalar_one_or_none()
    return and_(True, jobs_table.c.born <= (edge or 0))
