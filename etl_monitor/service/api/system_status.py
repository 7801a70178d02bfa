"""The state of the service, for those who operate it."""

import platform
import shutil
from datetime import UTC, datetime

import psutil
from sqlalchemy import Connection, select
from sqlalchemy import func as sql

from etl_monitor.service.border.kinds import kind_problems
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.service import Service
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.lost_files import lost_files
from etl_monitor.service.storage.tables import tests
from etl_monitor.version import VERSION
from etl_monitor.wire.system import SystemState, WorkerSeen


def system_state(service: Service) -> SystemState:
    disk = shutil.disk_usage(service.folders.root)
    lost = _lost_files(service)
    with service.db.reading() as tx:
        return SystemState(
            version=VERSION,
            python=platform.python_version(),
            database=_database(tx),
            started_at=datetime.fromtimestamp(psutil.Process().create_time(), UTC),
            now=now(),
            position=event_log.position(tx),
            oldest_event=event_log.oldest(tx),
            subscribers=service.feed.subscribers,
            jobs=count_by_status(tx),
            samples=_samples(tx),
            workers=_workers(tx, service),
            broken_kinds=tuple(kind_problems(service.pipeline, service.settings.kinds_dir)),
            lost_files=lost,
            disk_free=disk.free,
            disk_total=disk.total,
        )


def _lost_files(service: Service) -> int:
    """An outage of the storage shows in `/readyz`; the page stays."""
    try:
        return len(lost_files(service.folders.storage))
    except StorageUnavailable:
        return 0


def _workers(tx: Connection, service: Service) -> tuple[WorkerSeen, ...]:
    jobs = {job.worker: job for job in job_queries.running(tx)}

    def seen(worker: WorkerState) -> WorkerSeen:
        job = jobs.get(worker.name)
        return WorkerSeen(
            name=worker.name,
            pid=worker.pid,
            alive=worker.alive,
            job_id=job.job_id if job else None,
            heartbeat_at=job.heartbeat_at if job else None,
        )

    return tuple(seen(worker) for worker in service.engine.workers())


def _samples(tx: Connection) -> int:
    query = select(sql.count()).select_from(tests).where(tests.c.sample_key.is_not(None))
    return int(tx.execute(query).scalar_one())


def _database(tx: Connection) -> str:
    version = ".".join(str(part) for part in tx.dialect.server_version_info or ())
    return f"{tx.dialect.name} {version}".strip()
