"""A worker of Celery on this machine: its processes, their supervision, and its beats."""

import logging
import socket
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue

from sqlalchemy.exc import OperationalError

from etl_monitor.service import engine_errors
from etl_monitor.service.engines import nodes
from etl_monitor.service.engines.engine_lock import engine_lock
from etl_monitor.service.engines.local import LocalEngine
from etl_monitor.service.engines.queues import QUEUE, route_of, routes_of
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.engines.worker_slot import WorkerSlot
from etl_monitor.service.events.database_mark import check_shared
from etl_monitor.service.jobs import rules
from etl_monitor.service.results import registration
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import database_errors, open_database
from etl_monitor.service.storage.outage import DatabaseOutage
from etl_monitor.settings import Settings
from etl_monitor.urls import without_password

_log = logging.getLogger(__name__)


class NodeStops(Exception):
    """This node takes no more jobs."""


class WorkerNode:
    def __init__(
        self,
        db: Database,
        plan: WorkerPlan,
        settings: Settings,
        workers: int,
        queues: Sequence[str],
    ) -> None:
        self.name = f"{socket.gethostname()[:40]}-{uuid.uuid4().hex[:8]}"
        self._db, self._queues = db, queues
        self._engine = LocalEngine(
            db,
            replace(plan, node=self.name),
            workers=workers,
            hung_after=settings.hung_after,
            stop_grace=settings.stop_grace,
        )
        self._idle: SimpleQueue[WorkerSlot] = SimpleQueue()
        for slot in self._engine.slots:
            self._idle.put(slot)
        self._outage = DatabaseOutage("node")
        self._stopping, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="node", daemon=True)

    def start(self) -> None:
        self._beat()  # known first: a process of an unknown node claims nothing
        self._engine.start()
        self._thread.start()
        _log.info("node_ready", extra={"node": self.name, "workers": len(self._engine.slots)})

    def stop(self) -> None:
        """Stop as an engine does: jobs that do not end within the grace period go back to the
        queue. If the database is away, the service ends them when it is back."""
        self._stopping.set()
        try:
            self._engine.stop()
            self._stopped.set()
            self._thread.join()
            with self._db.writing() as tx:
                nodes.remove(tx, self.name)
        except OperationalError as error:
            _log.error("node_stop_incomplete", extra={"reason": str(error.orig)})
        _log.info("node_stopped", extra={"node": self.name})

    def run_next(self) -> str:
        """Let an idle process run the next job, and wait until it has.

        Returns the job's id, or "" if none was pending or its process was killed. Raises NodeStops
        if another node has to run it.
        """
        slot = self._idle.get()
        try:
            if slot.take_turn():
                return slot.job_of_turn
            if self._stopping.is_set():
                raise NodeStops
            return ""
        finally:
            self._idle.put(slot)

    def _beat_on(self) -> None:
        while not self._stopped.wait(nodes.BEAT_INTERVAL):
            try:
                self._beat()
                self._outage.record_success()
            except OperationalError as error:
                self._outage.record_failure(error)
            except Exception:  # noqa: BLE001  # without this thread the node would count as lost
                _log.exception("beat_failed")

    def _beat(self) -> None:
        with self._db.writing() as tx:
            nodes.beat(tx, self.name, self._engine.workers(), self._queues)


@contextmanager
def open_node(
    settings: Settings, workers: int, queues: Sequence[str] = (QUEUE,)
) -> Iterator[WorkerNode]:
    """Open the database and the data directory of the service, for a node with so many processes.

    Raises SettingError if they do not belong together, if a queue does not exist or if the service
    runs the jobs itself, and Unavailable if the database or the storage does not answer.
    """
    folders = Folders.of(settings)
    plan = WorkerPlan(
        folders=folders,
        pipeline=settings.pipeline,
        kinds_dir=settings.kinds_dir,
        routes=routes_of(queues),
    )
    if folders.storage_url is not None:  # a data directory of its own
        folders.prepare()
    with open_database(folders) as db:
        with database_errors(folders):
            _check(db, folders)
            if folders.storage_url is not None:
                registration.remove_work_of_ended_jobs(db, folders)
        with engine_lock(db, shared=True) as is_free:
            if not is_free:
                database = without_password(folders.database_url)
                raise engine_errors.ServiceRunsJobs(database=database)
            _warn_of_idle_queues(db, queues)
            yield WorkerNode(db, plan, settings, workers, queues)


def _check(db: Database, folders: Folders) -> None:
    with db.reading() as tx:
        if not migrate.is_current(tx):
            database = without_password(folders.database_url)
            raise engine_errors.DatabaseOfOtherVersion(database=database)
        check_shared(tx, folders)


def _warn_of_idle_queues(db: Database, queues: Sequence[str]) -> None:
    """Log the queues to which no job can come: no file is large unless a setting says so."""
    with db.reading() as tx:
        is_any_large = rules.stored(tx).large_bytes is not None
    for queue in queues:
        if route_of(queue).is_large and not is_any_large:
            _log.warning("queue_without_jobs", extra={"queue": queue})
