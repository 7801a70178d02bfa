"""The engine of several machines: workers of Celery run the jobs, each with processes of its own.

The service runs none itself. A thread compares database and broker every few seconds, and at once
when a job is new: it sends a hint for each waiting job that may start, and ends the jobs of nodes
that are lost. What the workers do is in `node.py`.
"""

import logging
import math
import threading
import time
from collections.abc import Collection, Sequence

from sqlalchemy.exc import OperationalError

from etl_monitor.service import errors
from etl_monitor.service.engines import nodes
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.hints import BrokerUnreachable, Hints
from etl_monitor.service.engines.lost_jobs import end_lost_job
from etl_monitor.service.engines.nodes import NodeWatch, node_of
from etl_monitor.service.engines.queues import QUEUE, route_of
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.demand import demand
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from etl_monitor.wire.job import Job

SWEEP_INTERVAL = 2.0  # seconds
HELD_BACK_INTERVAL = 0.5  # seconds, while the rules hold jobs back: these have no hints yet
BROKER_INTERVAL = 10.0  # seconds between two checks of the broker while no job may start
MOST_HINTS = 500  # in the broker's queue; the sweep refills it

_log = logging.getLogger(__name__)


class RemoteEngine:
    def __init__(self, db: Database, folders: Folders, hints: Hints) -> None:
        self._db, self._folders, self._hints = db, folders, hints
        self._watch = NodeWatch()
        self._workers: Sequence[WorkerState] = ()
        self._queues: Collection[str] = (QUEUE,)  # that workers consume
        self._outage = DatabaseOutage("engine")
        self._problem: str | None = None  # of the broker
        self._broker_checked_at = -math.inf  # of the monotonic clock
        self._interval = SWEEP_INTERVAL
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """The workers go on: they stop when their own machines stop them."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def problem(self) -> str | None:
        return self._problem

    @property
    def is_routed(self) -> bool:
        return any(queue != QUEUE for queue in self._queues)

    def notify_job(self, job_id: str) -> None:
        self._wake.set()

    def workers(self) -> Sequence[WorkerState]:
        return self._workers

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._sweep()
                self._outage.record_success()
            except OperationalError as error:
                self._outage.record_failure(error)
                self._watch.forget()
            except Exception:  # noqa: BLE001  # without this thread no job would start
                _log.exception("engine_failed")
            self._wake.wait(self._interval)
            self._wake.clear()

    def _sweep(self) -> None:
        self._remove_lost_nodes()
        for job in self._lost_jobs():
            end_lost_job(self._db, self._folders, job, errors.WorkerEnded())
        self._send_hints()

    def _remove_lost_nodes(self) -> None:
        with self._db.reading() as tx:
            living = nodes.living(tx)
        for node in self._watch.lost({node.name: node.beats for node in living}):
            with self._db.writing() as tx:
                nodes.remove(tx, node)
            _log.warning("node_lost", extra={"node": node})

    def _lost_jobs(self) -> Sequence[Job]:
        """Return the running jobs whose node is not known, as of one moment."""
        with self._db.reading() as tx:
            living, running = nodes.living(tx), job_queries.running(tx)
        self._workers = [worker for node in living for worker in node.workers]
        self._queues = {QUEUE, *(queue for node in living for queue in node.queues)}
        names = {node.name for node in living}
        return [job for job in running if node_of(job.worker) not in names]

    @property
    def _has_to_check_broker(self) -> bool:
        """Whether its state is to be found out although there is no hint to send."""
        is_due = time.monotonic() - self._broker_checked_at >= BROKER_INTERVAL
        return is_due or self._problem is not None

    def _send_hints(self) -> None:
        with self._db.reading() as tx:
            routes = {queue: route_of(queue) for queue in self._queues}
            waiting = demand(tx, routes.values(), at_most=MOST_HINTS)
        self._interval = HELD_BACK_INTERVAL if waiting.has_held_back else SWEEP_INTERVAL
        if not any(waiting.startable.values()) and not self._has_to_check_broker:
            return
        self._broker_checked_at = time.monotonic()
        try:
            for queue, route in routes.items():
                self._hints.top_up(waiting.startable[route], queue)
        except BrokerUnreachable as error:
            if self._problem is None:
                _log.error("broker_outage_began", extra={"reason": str(error)})
            self._problem = str(error) or "no answer"
        else:
            if self._problem is not None:
                _log.info("broker_outage_ended")
            self._problem = None
