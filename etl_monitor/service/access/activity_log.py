"""The activity log: an entry for each action of a person, rejected ones too."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select
from sqlalchemy import func as sql
from sqlalchemy.exc import OperationalError

from etl_monitor.errors import ApiError, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.rows import NO_TIME, read_row
from etl_monitor.service.storage.tables import activity
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome
from etl_monitor.wire.samples import samples_containing

_log = logging.getLogger(__name__)
_Rejection = ApiError | PipelineError

_UNREADABLE = {"at": NO_TIME, "actor": "", "role": "", "action": "", "outcome": "refused"}
_SEARCHED = ("actor", "title", "reason", "code", "job_id", "new_job_id", "test_id")


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
        _log_action(principal, action, errors.database_error(str(error.orig)))
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
    query = select(activity).where(_condition(activity_filter))
    if before is not None:
        query = query.where(activity.c.id < before)
    if after is not None:
        query = query.where(activity.c.id > after)
    is_ascending = after is not None
    order = activity.c.id.asc() if is_ascending else activity.c.id.desc()
    rows = tx.execute(query.order_by(order).limit(limit)).all()
    entries = [read_row(ActivityEntry, row._mapping, "activity", **_UNREADABLE) for row in rows]
    return entries[::-1] if is_ascending else entries


def count(tx: Connection, activity_filter: ActivityFilter) -> int:
    query = select(sql.count()).select_from(activity).where(_condition(activity_filter))
    return int(tx.execute(query).scalar_one())


def _condition(activity_filter: ActivityFilter) -> ColumnElement[bool]:
    """A job's entries include the one that created it."""
    conditions: list[ColumnElement[bool]] = []
    if (job_id := activity_filter.job_id) is not None:
        conditions.append((activity.c.job_id == job_id) | (activity.c.new_job_id == job_id))
    for name in ("actor", "action", "outcome"):
        value = getattr(activity_filter, name)
        if value is not None:
            conditions.append(activity.c[name] == value)
    if q := activity_filter.q:
        fields = (activity.c[name].icontains(q, autoescape=True) for name in _SEARCHED)
        conditions.append(or_(*fields, activity.c.test_id.in_(samples_containing(q))))
    if activity_filter.since is not None:
        conditions.append(activity.c.at >= activity_filter.since)
    if activity_filter.until is not None:
        conditions.append(activity.c.at < activity_filter.until)
    return and_(True, *conditions)


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
