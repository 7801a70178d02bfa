"""The activity log: an entry for each action of a person, rejected ones too."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, insert, select, true
from sqlalchemy import func as sql
from sqlalchemy.exc import OperationalError

from etl_monitor.errors import ApiError, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.access.activity_search import contains, index, is_indexed
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.storage.blocks import (
    Counting,
    Period,
    bounds,
    count_by_blocks,
    within,
)
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.sql_text import unindexed
from etl_monitor.service.storage.tables import activity, activity_blocks
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome

_log = logging.getLogger(__name__)
_Rejection = ApiError | PipelineError

_UNREADABLE = {"at": NO_TIME, "actor": "", "role": "", "action": "", "outcome": "refused"}


@dataclass(kw_only=True)
class Action:
    """A requested action. Filled in while it is carried out."""

    action: str
    reason: str | None = None
    job_id: str | None = None
    new_job_id: str | None = None
    test_id: str | None = None
    title: str | None = None  # of the test


@dataclass(frozen=True, kw_only=True)
class ActivityFilter:
    """`since` is inclusive, `until` is not."""

    job_id: str | None = None
    actor: str | None = None
    action: str | None = None
    outcome: ActivityOutcome | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def period(self) -> Period:
        return Period(since=self.since, until=self.until)


@contextmanager
def audited(db: Database, principal: Principal, action: Action) -> Iterator[Connection]:
    """Yield the transaction of an action, and write its entry in the same transaction.

    An ApiError rolls the action back; its entry is then written by itself.
    """
    try:
        with db.writing() as tx:
            yield tx
            _write(tx, principal, action)
        _log_action(principal, action)
    except ApiError as error:
        record_rejection(db, principal, action, error)
        raise
    except OperationalError as error:
        _log_action(principal, action, errors.database_error(error.orig))
        raise


def record_rejection(db: Database, principal: Principal, action: Action, error: _Rejection) -> None:
    """Write the entry of a rejected action; if the database cannot be written, only the log."""
    _log_action(principal, action, error)
    _try_to_write(db, principal, action, error)


def record_read(db: Database, principal: Principal, action: Action) -> None:
    """Write the entry of a download. A full disk does not forbid reading: then only the log."""
    _log_action(principal, action)
    _try_to_write(db, principal, action)


def _try_to_write(
    db: Database, principal: Principal, action: Action, error: _Rejection | None = None
) -> None:
    try:
        with db.writing() as tx:
            _write(tx, principal, action, error)
    except OperationalError as failure:
        _log.error("activity_not_written", extra={"reason": str(failure.orig)})


def read(
    tx: Connection,
    activity_filter: ActivityFilter,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> Sequence[ActivityEntry]:
    """Return entries, newest first: those older than `before`, or the next newer than `after`."""
    query, key = _matching(tx, activity_filter)
    if before is not None:
        query = query.where(key < before)
    if after is not None:
        query = query.where(key > after)
    query = query.where(_in_period(tx, activity_filter.period, key))
    is_ascending = after is not None
    order = key.asc() if is_ascending else key.desc()
    rows = tx.execute(query.order_by(order).limit(limit)).all()
    entries = [read_row(ActivityEntry, row._mapping, "activity", **_UNREADABLE) for row in rows]
    return entries[::-1] if is_ascending else entries


def count(tx: Connection, activity_filter: ActivityFilter) -> int:
    period = activity_filter.period
    regardless = replace(activity_filter, since=None, until=None)
    if regardless.job_id is not None:  # a job has few entries
        query = select(sql.count()).select_from(activity).where(_condition(tx, activity_filter))
        return int(tx.execute(query).scalar_one())
    counting = Counting(
        name=repr(regardless),
        size=1,
        query=lambda: _of_blocks(tx, regardless),
        key=activity.c.id,
        at=activity.c.at,
    )
    return count_by_blocks(tx, activity_blocks, counting, period)[0]


def _of_blocks(tx: Connection, activity_filter: ActivityFilter) -> Select[Any]:
    found = _condition(tx, activity_filter, within(index.rowid))
    return select(sql.count()).select_from(activity).where(found, within(activity.c.id))


def _matching(
    tx: Connection, activity_filter: ActivityFilter
) -> tuple[Select[Any], ColumnElement[int]]:
    """Return the query and its order. With a text, the index is read in the order of the entries,
    until a page is full."""
    q = activity_filter.q
    if not q or not is_indexed(tx, q):
        return select(activity).where(_condition(tx, activity_filter)), activity.c.id
    joined = index.table.join(activity, index.rowid == activity.c.id)
    others = _condition(tx, replace(activity_filter, q=None), true())
    query = select(activity).select_from(joined).where(index.has_words([q.lower()]), others)
    return query, index.rowid


def _in_period(tx: Connection, period: Period, key: ColumnElement[int]) -> ColumnElement[bool]:
    """Return where to read, in the order of `key`: the entries of a period lie close together."""
    if period == Period():
        return true()
    limits = bounds(tx, activity_blocks, period)
    return false() if limits is None else key.between(*limits)


def _condition(
    tx: Connection, activity_filter: ActivityFilter, entries: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """A job's entries include the one that created it. `entries`: a condition on the entries of
    the search index that are read."""
    conditions: list[ColumnElement[bool]] = []
    if (job_id := activity_filter.job_id) is not None:
        conditions.append((activity.c.job_id == job_id) | (activity.c.new_job_id == job_id))
    for name in ("actor", "action", "outcome"):
        value = getattr(activity_filter, name)
        if value is not None:
            column = activity.c[name] if entries is None else unindexed(activity.c[name])
            conditions.append(column == value)
    if q := activity_filter.q:
        conditions.append(contains(tx, q, entries))
    return and_(True, *conditions, activity_filter.period.condition(activity.c.at))


def _log_action(principal: Principal, action: Action, error: _Rejection | None = None) -> None:
    """The log has no free text of a person: no reason, no title."""
    fields = asdict(action) | {"actor": principal.name, "role": principal.role}
    fields |= {"refused": error.code if error else None}
    del fields["reason"], fields["title"]
    _log.info("action_finished", extra=fields)


def _write(
    tx: Connection, principal: Principal, action: Action, error: _Rejection | None = None
) -> None:
    row = asdict(action) | {"at": now(), "actor": principal.name, "role": principal.role}
    if error is None:
        row |= {"outcome": ActivityOutcome.DONE, "code": None, "details": None}
    else:
        row |= {"outcome": ActivityOutcome.REFUSED, "code": error.code, "details": error.details}
    tx.execute(insert(activity).values(**row))
