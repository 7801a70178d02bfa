"""The activity log: every action of a person, refused ones too."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select
from sqlalchemy import func as sql
from sqlalchemy.exc import OperationalError

from etl_monitor.errors import ApiError, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import activity
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome

_log = logging.getLogger(__name__)
_Why = ApiError | PipelineError

_SEARCHED = ("actor", "title", "reason", "code", "job_id", "new_job_id", "test_id")


@dataclass(kw_only=True)
class Action:
    """What is being asked. Filled in while it is carried out."""

    action: str
    reason: str | None = None
    job_id: str | None = None
    new_job_id: str | None = None
    test_id: str | None = None
    title: str | None = None  # of the test


@dataclass(frozen=True, kw_only=True)
class ActivityFilter:
    """`since` counts in, `until` does not."""

    job_id: str | None = None
    actor: str | None = None
    action: str | None = None
    outcome: ActivityOutcome | None = None
    q: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@contextmanager
def acting(db: Database, who: Principal, action: Action) -> Iterator[Connection]:
    """The transaction of an action, with its entry. One that is refused changes nothing but the
    activity log."""
    try:
        with db.writing() as tx:
            yield tx
            _write(tx, who, action)
        _tell(who, action)
    except ApiError as refused:
        refuse(db, who, action, refused)
        raise
    except OperationalError as error:
        _tell(who, action, errors.database_error(str(error.orig)))
        raise


def refuse(db: Database, who: Principal, action: Action, why: _Why) -> None:
    """Where the database cannot be written it stays refused, and the log alone tells of it."""
    _tell(who, action, why)
    try:
        with db.writing() as tx:
            _write(tx, who, action, why)
    except OperationalError as error:
        _log.error("activity_not_written", extra={"reason": str(error.orig)})


def read(
    tx: Connection,
    wanted: ActivityFilter,
    *,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> Sequence[ActivityEntry]:
    """Newest first: those older than the entry `before`, or the next newer than `after`."""
    query = select(activity).where(_matches(wanted))
    if before is not None:
        query = query.where(activity.c.id < before)
    if after is not None:
        query = query.where(activity.c.id > after)
    upwards = after is not None
    order = activity.c.id.asc() if upwards else activity.c.id.desc()
    rows = tx.execute(query.order_by(order).limit(limit)).all()
    read_ = [ActivityEntry.model_validate(row._mapping) for row in rows]
    return read_[::-1] if upwards else read_


def count(tx: Connection, wanted: ActivityFilter) -> int:
    query = select(sql.count()).select_from(activity).where(_matches(wanted))
    return int(tx.execute(query).scalar_one())


def _matches(wanted: ActivityFilter) -> ColumnElement[bool]:
    """A job's entries include the one that made it."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.job_id is not None:
        this = wanted.job_id
        conditions.append((activity.c.job_id == this) | (activity.c.new_job_id == this))
    for name in ("actor", "action", "outcome"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(activity.c[name] == value)
    if wanted.q:
        found = (activity.c[name].icontains(wanted.q, autoescape=True) for name in _SEARCHED)
        conditions.append(or_(*found))
    if wanted.since is not None:
        conditions.append(activity.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(activity.c.at < wanted.until)
    return and_(True, *conditions)


def _tell(who: Principal, action: Action, refused: _Why | None = None) -> None:
    """What a person wrote, a reason or a title, is for the database only."""
    told = asdict(action) | {"actor": who.name, "role": who.role}
    told |= {"refused": refused.code if refused else None}
    kept = told.keys() - {"reason", "title"}
    _log.info("asked", extra={name: told[name] for name in kept})


def _write(tx: Connection, who: Principal, action: Action, refused: _Why | None = None) -> None:
    row = asdict(action) | {"at": now(), "actor": who.name, "role": who.role}
    told: dict[str, Any] = {"outcome": ActivityOutcome.DONE, "code": None, "details": None}
    if refused is not None:
        told = {
            "outcome": ActivityOutcome.REFUSED,
            "code": refused.code,
            "details": refused.details,
        }
    tx.execute(insert(activity).values(**row, **told))
