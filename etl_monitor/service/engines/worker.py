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

LOOK_EVERY = 0.5  # seconds between two looks for a job, where nobody wakes us

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """What a worker process is started with. Holds no token."""

    data_dir: Path
    database_url: str
    pipeline: str
    kinds_dir: Path | None


def work(plan: WorkerPlan, name: str, waiting: Semaphore, vitals: SharedLiveness) -> None:
    """The process's main function. `waiting` is released when there is a job to take."""
    leave_with_parent()
    set_up_logging()
    pulse = Liveness(vitals)
    pulse.start()
    bench = WorkerContext(
        db=Database(plan.database_url),
        folders=Folders(root=plan.data_dir),
        pipeline=load_pipeline(plan.pipeline),
        worker=name,
        kinds_dir=plan.kinds_dir,
        reads=DatabaseOutage(name),
        writes=DatabaseOutage(name),
        pulse=pulse,
    )
    _log.info("worker_ready", extra={"worker": name, "pid": os.getpid()})
    while True:
        job = wait_for_database(lambda: _take(bench), bench.writes)
        if job is None:
            waiting.acquire(timeout=LOOK_EVERY)
        else:
            run_job(bench, job)


def leave_with_parent() -> None:
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


def _take(bench: WorkerContext) -> Job | None:
    with bench.db.reading() as tx:  # most looks find nothing: do not make writers wait for them
        if lifecycle.oldest_pending(tx) is None:
            return None
    with bench.db.writing() as tx:
        job = lifecycle.claim(tx, bench.worker, [step.name for step in bench.pipeline.steps])
    if job is not None:
        _log.info("job_taken", extra={"job_id": job.job_id, "worker": bench.worker})
    return job
