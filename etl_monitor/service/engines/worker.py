"""A worker process: takes the oldest waiting job, runs it, takes the next."""

import logging
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from etl_monitor.service.engines.job_runner import WorkerContext, run_job
from etl_monitor.service.engines.liveness import Liveness, SharedLiveness
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.logs import set_up_logging
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.wire.job import Job

POLL_INTERVAL = 0.5  # seconds between two looks for a job, where nobody wakes us

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """What a worker process is started with. Holds no token."""

    data_dir: Path
    database_url: str
    pipeline: str
    kinds_dir: Path | None


def work(plan: WorkerPlan, name: str, waiting: Semaphore, shared: SharedLiveness) -> None:
    """The process's main function. `waiting` is released when there is a job to take."""
    exit_with_parent()
    set_up_logging()
    liveness = Liveness(shared)
    liveness.start()
    context = WorkerContext(
        db=Database(plan.database_url),
        folders=Folders(root=plan.data_dir),
        pipeline=load_pipeline(plan.pipeline),
        worker=name,
        kinds_dir=plan.kinds_dir,
        reads=DatabaseOutage(name),
        writes=DatabaseOutage(name),
        liveness=liveness,
    )
    _log.info("worker_ready", extra={"worker": name, "pid": os.getpid()})
    while True:
        job = wait_for_database(lambda: _take(context), context.writes)
        if job is None:
            waiting.acquire(timeout=POLL_INTERVAL)
        else:
            run_job(context, job)


def exit_with_parent() -> None:
    """End this process when the one that started it ends, in whatever way. Interrupts from the
    keyboard go to the whole group of processes; the parent decides what becomes of us."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _take(context: WorkerContext) -> Job | None:
    with context.db.reading() as tx:  # most looks find nothing: do not make writers wait for them
        if lifecycle.oldest_pending(tx) is None:
            return None
    with context.db.writing() as tx:
        job = lifecycle.claim(tx, context.worker, [step.name for step in context.pipeline.steps])
    if job is not None:
        _log.info("job_taken", extra={"job_id": job.job_id, "worker": context.worker})
    return job
