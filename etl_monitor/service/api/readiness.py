"""Whether the service can do its work, part by part."""

import shutil
from collections.abc import Mapping

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.events import event_log
from etl_monitor.service.service import Service
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import MIN_FREE_SPACE
from etl_monitor.service.storage.tables import meta
from etl_monitor.wire.base import Record, iso

_MB = 1_000_000
_CHECKED_AT = "checked_at"


class Check(Record):
    ok: bool
    told: str  # what was found, for people


def checks(service: Service) -> Mapping[str, Check]:
    return {
        "database": _database(service),
        "engine": _engine(service),
        "feed": _feed(service),
        "housekeeper": _housekeeper(service),
        "disk": _disk(service),
    }


def _database(service: Service) -> Check:
    try:
        with service.db.writing() as tx:
            _write(tx)
            position = event_log.position(tx)
    except SQLAlchemyError as error:
        return Check(ok=False, told=str(getattr(error, "orig", error)))
    return Check(ok=True, told=f"event log at {position}")


def _write(tx: Connection) -> None:
    """As far as to the disk: what does not change anything may never get there."""
    at = iso(now())
    known = update(meta).where(meta.c.key == _CHECKED_AT).values(value=at)
    if tx.execute(known).rowcount == 0:
        tx.execute(insert(meta).values(key=_CHECKED_AT, value=at))


def _engine(service: Service) -> Check:
    workers = service.engine.workers()
    alive = sum(worker.alive for worker in workers)
    told = f"{alive} of {len(workers)} workers alive"
    if not service.engine.alive:
        return Check(ok=False, told=f"{told}, but nobody looks after them")
    return Check(ok=alive > 0, told=told)


def _feed(service: Service) -> Check:
    alive = service.tail.alive
    return Check(ok=alive, told=f"{'at' if alive else 'stopped at'} {service.tail.position}")


def _housekeeper(service: Service) -> Check:
    alive = service.housekeeper.alive
    return Check(ok=alive, told="clears away what is too old" if alive else "has stopped")


def _disk(service: Service) -> Check:
    free = shutil.disk_usage(service.folders.root).free
    told = f"{free // _MB} MB free; {MIN_FREE_SPACE // _MB} MB are needed"
    return Check(ok=service.folders.has_space(), told=told)
