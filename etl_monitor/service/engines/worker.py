"""A worker process: claims the oldest pending job, runs it, claims the next."""

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
from etl_monitor.service.storage.open import open_database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.wire.job import Job

POLL_INTERVAL = 0.5  # seconds between two queries for a job, unless a notification comes first

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """The arguments of a worker process. Contains no token."""

    folders: Folders
    pipeline: str
    kinds_dir: Path | None


def work(plan: WorkerPlan, name: str, pending: Semaphore, shared: SharedLiveness) -> None:
    """The process's main function. `pending` is released once for each new pending job."""
    exit_with_parent()
    set_up_logging()
    liveness = Liveness(shared)
    liveness.start()
    folders = plan.folders
    with open_database(folders) as db:
        context = WorkerContext(
            db=db,
            folders=folders,
            pipeline=load_pipeline(plan.pipeline),
            worker=name,
            kinds_dir=plan.kinds_dir,
            reads=DatabaseOutage(name),
            writes=DatabaseOutage(name),
            liveness=liveness,
        )
        _log.info("worker_ready", extra={"worker": name, "pid": os.getpid()})
        _run_jobs(context, pending, shared)


def _run_jobs(context: WorkerContext, pending: Semaphore, shared: SharedLiveness) -> None:
    while not shared.draining:
        job = wait_for_database(lambda: _claim(context), context.writes)
        if job is None:
            pending.acquire(timeout=POLL_INTERVAL)
        else:
            run_job(context, job)


def exit_with_parent() -> None:
    """End this process when the one that started it ends, even if that one is killed.

    An interrupt from the keyboard reaches the whole process group; this process ignores it and
    leaves the shutdown to its parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _claim(context: WorkerContext) -> Job | None:
    with (
        context.db.reading() as tx
    ):  # mostly there is none: do not make writers wait for that answer
        if lifecycle.oldest_pending(tx) is None:
            return None
    with context.db.writing() as tx:
        job = lifecycle.claim(tx, context.worker, [step.name for step in context.pipeline.steps])
    if job is not None:
        _log.info("job_claimed", extra={"job_id": job.job_id, "worker": context.worker})
    return job
