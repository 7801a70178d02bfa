"""Whether each part of the service can do its work."""

import shutil
from collections.abc import Mapping

from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.border.kinds import kind_problems
from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.events import event_log
from etl_monitor.service.service import Service
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import MIN_FREE_SPACE
from etl_monitor.service.storage.tables import meta
from etl_monitor.wire.base import iso
from etl_monitor.wire.system import Check

_MB = 1_000_000
_CHECKED_AT = "checked_at"


def checks(service: Service) -> Mapping[str, Check]:
    storage = {} if service.folders.storage_url is None else {"storage": _storage(service)}
    return storage | {
        "database": _database(service),
        "engine": _engine(service),
        "feed": _feed(service),
        "housekeeper": _housekeeper(service),
        "disk": _disk(service),
        "test_kinds": _test_kinds(service),
    }


def _database(service: Service) -> Check:
    try:
        with service.db.writing() as tx:
            _write(tx)
            position = event_log.position(tx)
    except SQLAlchemyError as error:
        return Check(ok=False, message=str(getattr(error, "orig", error)))
    return Check(ok=True, message=f"event log at {position}")


def _write(tx: Connection) -> None:
    """Write a new value: an unchanged one might never reach the disk."""
    at = iso(now())
    change = update(meta).where(meta.c.key == _CHECKED_AT).values(value=at)
    if tx.execute(change).rowcount == 0:
        tx.execute(insert(meta).values(key=_CHECKED_AT, value=at))


def _engine(service: Service) -> Check:
    workers = service.engine.workers()
    alive = sum(worker.alive for worker in workers)
    message = f"{alive} of {len(workers)} workers alive"
    if not service.engine.alive:
        return Check(ok=False, message=f"{message}, but their supervisor has stopped")
    problem = service.engine.problem
    if problem is not None:
        return Check(ok=False, message=f"{message}, but the broker cannot be used: {problem}")
    return Check(ok=alive > 0, message=message)


def _feed(service: Service) -> Check:
    is_alive = service.tail.alive
    state = "at" if is_alive else "stopped at"
    return Check(ok=is_alive, message=f"{state} {service.tail.position}")


def _housekeeper(service: Service) -> Check:
    if service.leader.alive and not service.leader.is_leading:
        return Check(ok=True, message="another service removes old records")
    is_alive = service.leader.alive and service.housekeeper.alive
    return Check(ok=is_alive, message="removes old records" if is_alive else "has stopped")


def _test_kinds(service: Service) -> Check:
    """A broken definition takes away its own kind only, so the service is ready all the same."""
    problems = kind_problems(service.pipeline, service.settings.kinds_dir)
    return Check(ok=True, message=" ".join(problems) or "every definition can be used")


def _storage(service: Service) -> Check:
    try:
        service.folders.storage.check()
    except StorageUnavailable as error:
        return Check(ok=False, message=f"{service.folders.storage_url}: {error.in_words}")
    return Check(ok=True, message=f"{service.folders.storage_url} answers")


def _disk(service: Service) -> Check:
    free = shutil.disk_usage(service.folders.root).free
    message = f"{free // _MB} MB free; {MIN_FREE_SPACE // _MB} MB are needed"
    return Check(ok=service.folders.has_space(), message=message)
