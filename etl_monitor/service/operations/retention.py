"""Delete events, finished jobs and activity entries that are too old or too many.

Each call deletes a few rows, the oldest first, and returns their number, so that other writers
never wait long. Active jobs stay, as do each test's newest job and the one that its results come
from. Ages are by the wall clock.
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
JOBS_STEP = 20  # fewer, since each job also has steps, log lines and an event of its removal

_newer = jobs_table.alias("newer")


@dataclass(frozen=True, kw_only=True)
class RetentionPolicy:
    """How many of the newest rows stay, and up to which age. Both limits apply."""

    events: int
    events_age: timedelta
    jobs: int
    jobs_age: timedelta
    activity: int
    activity_age: timedelta


def retention_policy(settings: Settings) -> RetentionPolicy:
    return RetentionPolicy(
        events=settings.keep_events,
        events_age=timedelta(days=settings.keep_events_days),
        jobs=settings.keep_jobs,
        jobs_age=timedelta(days=settings.keep_jobs_days),
        activity=settings.keep_activity,
        activity_age=timedelta(days=settings.keep_activity_days),
    )


def prune_events(db: Database, policy: RetentionPolicy) -> int:
    """Delete the oldest events without leaving a gap, so that the rest can be replayed."""
    oldest = select(events.c.position, events.c.at).order_by(events.c.position).limit(STEP)
    with db.writing() as tx:
        beyond, before = event_log.position(tx) - policy.events, now() - policy.events_age
        last = _last(tx.execute(oldest), lambda row: row.position <= beyond or row.at < before)
        return tx.execute(delete(events).where(events.c.position <= last)).rowcount


def prune_activity(db: Database, policy: RetentionPolicy) -> int:
    """Delete by id. Ids have no gaps, so that the rows, a whole log, need not be counted."""
    oldest = select(activity.c.id, activity.c.at).order_by(activity.c.id).limit(STEP)
    newest = select(sql.max(activity.c.id))
    with db.writing() as tx:
        beyond = (tx.execute(newest).scalar_one() or 0) - policy.activity
        before = now() - policy.activity_age
        last = _last(tx.execute(oldest), lambda row: row.id <= beyond or row.at < before)
        return tx.execute(delete(activity).where(activity.c.id <= last)).rowcount


def prune_jobs(db: Database, policy: RetentionPolicy) -> int:
    """Delete finished jobs. Each removal is an event in the feed."""
    with db.reading() as tx:  # this takes longer than the removal, and does not block writers
        ids = _old_jobs(tx, _ended_before(policy)) or _old_jobs(tx, _beyond_newest(tx, policy))
    if not ids:
        return 0
    with db.writing() as tx:
        remaining = [job_id for job_id in ids if job_queries.find(tx, job_id) is not None]
        for job_id in remaining:
            lifecycle.remove(tx, job_id)
        return len(remaining)


def _last(oldest: Iterable[Row[Any]], is_old: Callable[[Row[Any]], bool]) -> int:
    """Return the key of the last row that is old, or 0 if none is."""
    return max((int(row[0]) for row in takewhile(is_old, oldest)), default=0)


def _old_jobs(tx: Connection, too_old: ColumnElement[bool]) -> list[str]:
    same_test = _newer.c.test_id == jobs_table.c.test_id
    has_newer = exists().where(same_test, _newer.c.sequence > jobs_table.c.sequence)
    has_results = exists().where(results.c.job_id == jobs_table.c.job_id)
    has_ended = jobs_table.c.status.not_in(job_queries.ACTIVE)
    query = select(jobs_table.c.job_id).where(too_old, has_ended, has_newer, ~has_results)
    return list(tx.execute(query.limit(JOBS_STEP)).scalars())


def _ended_before(policy: RetentionPolicy) -> ColumnElement[bool]:
    return and_(True, jobs_table.c.finished_at < now() - policy.jobs_age)


def _beyond_newest(tx: Connection, policy: RetentionPolicy) -> ColumnElement[bool]:
    """Match the finished jobs beyond the newest ones that the policy lets stay."""
    has_ended = jobs_table.c.status.not_in(job_queries.ACTIVE)
    newest = select(jobs_table.c.sequence).where(has_ended).order_by(jobs_table.c.sequence.desc())
    edge = tx.execute(newest.offset(policy.jobs).limit(1)).scalar_one_or_none()
    return and_(True, jobs_table.c.sequence <= (edge or 0))
