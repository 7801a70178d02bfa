"""The event log: every change of a job, numbered without gaps in the order of the transactions."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy import func as sql

from etl_monitor.service.events import notifications
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.fixed_sql import FixedStatement
from etl_monitor.service.storage.tables import event_counter, events, meta

_ID = "event_log_id"
_NEXT_POSITION = FixedStatement(
    update(event_counter)
    .values(position=event_counter.c.position + 1)
    .returning(event_counter.c.position)
)
_INSERT = FixedStatement(insert(events), ("position", "name", "data", "job_id", "at"))


@dataclass(frozen=True, kw_only=True)
class LoggedEvent:
    position: int
    name: str  # "" for an unnamed message
    data: str  # JSON
    job_id: str


def prepare(tx: Connection) -> None:
    """Give a new log its id."""
    if not log_id(tx):
        tx.execute(insert(meta).values(key=_ID, value=secrets.token_hex(16)))


def renew_id(tx: Connection) -> None:
    """Give the log another id: some of its positions will be assigned a second time."""
    tx.execute(delete(meta).where(meta.c.key == _ID))
    prepare(tx)


def log_id(tx: Connection) -> str:
    """Return the log's id. In a log with another id the same number is a different event."""
    return tx.execute(select(meta.c.value).where(meta.c.key == _ID)).scalar_one_or_none() or ""


def append(tx: Connection, name: str, data: str, *, job_id: str) -> int:
    """Append an event, in the transaction of the change that it reports. Returns its position."""
    position = take_position(tx)
    row = {"position": position, "name": name, "data": data, "job_id": job_id, "at": now()}
    _INSERT.execute(tx, row)
    notifications.announce(tx)
    return position


def take_position(tx: Connection) -> int:
    """Return the next position.

    This locks the counter's row until the transaction ends, so that a position becomes visible
    before the next one is assigned.
    """
    return int(_NEXT_POSITION.returned(tx))


def position(tx: Connection) -> int:
    """Return the newest event's position, or 0 if there has been none."""
    return int(tx.execute(select(event_counter.c.position)).scalar_one())


def oldest(tx: Connection) -> int:
    """Return the position of the oldest event in the log; if it is empty, the next one."""
    lowest = tx.execute(select(sql.min(events.c.position))).scalar_one()
    return position(tx) + 1 if lowest is None else int(lowest)


def read_after(
    tx: Connection, after: int, *, limit: int, job_id: str | None = None
) -> Sequence[LoggedEvent]:
    """Return up to `limit` events after the position `after`, of all jobs or of one."""
    query = select(events.c.position, events.c.name, events.c.data, events.c.job_id)
    query = query.where(events.c.position > after).order_by(events.c.position).limit(limit)
    if job_id is not None:
        query = query.where(events.c.job_id == job_id)
    return [
        LoggedEvent(position=row.position, name=row.name, data=row.data, job_id=row.job_id)
        for row in tx.execute(query)
    ]
