"""A worker process: claims the first job of the queue, runs it, claims the next.

A worker of Celery claims a job only when it is given a turn (`worker_slot.py`).
"""

import logging
import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.synchronize import Semaphore
from pathlib import Path

from etl_monitor import tracing
from etl_monitor.service.engines import nodes
from etl_monitor.service.engines.job_runner import WorkerContext, run_job
from etl_monitor.service.engines.liveness import Liveness, SharedLiveness
from etl_monitor.service.engines.process_group import end_descendants, end_own_group, lead_group
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs.front import next_pending
from etl_monitor.service.jobs.route import ANY, Route
from etl_monitor.service.logs import set_up_logging
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.version import VERSION
from etl_monitor.wire.job import Job

POLL_INTERVAL = 0.5  # seconds between two queries for a job, unless a notification comes first

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerPlan:
    """The arguments of a worker process. Contains no token."""

    folders: Folders
    pipeline: str
    kinds_dir: Path | None
    node: str = ""  # the worker of Celery that it belongs to, if any
    routes: tuple[Route, ...] = (ANY,)
    renew_after: float = 300.0  # seconds without a job, after which one that had jobs is renewed


def work(plan: WorkerPlan, name: str, pending: Semaphore, shared: SharedLiveness) -> None:
    """The process's main function. `pending` is released once for each new pending job, or for each
    turn of a worker of Celery."""
    lead_group(name)
    exit_with_parent(end_own_group)
    # The engine ends this process with its own; a step may have children of its own nevertheless.
    multiprocessing.current_process().daemon = False
    set_up_logging()
    tracing.start("etl-worker")
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
        details = {"worker": name, "pid": os.getpid(), "version": VERSION}
        _log.info("worker_ready", extra=details)
        if plan.node:
            _take_turns(context, plan, pending, shared)
        else:
            _run_jobs(context, pending, shared, plan.renew_after)


def _run_jobs(
    context: WorkerContext, pending: Semaphore, shared: SharedLiveness, renew_after: float
) -> None:
    """Run jobs until the engine stops, or until there was none for long: a pipeline's libraries
    keep two thirds of a worker's memory, which a new process does not have."""
    renew_at = math.inf
    while not shared.draining:
        if _run_next(context, lambda: _claim(context)):
            renew_at = time.monotonic() + renew_after
        elif time.monotonic() >= renew_at:
            _log.info("worker_idle", extra={"worker": context.worker})
            return
        else:
            pending.acquire(timeout=POLL_INTERVAL)


def _take_turns(
    context: WorkerContext, plan: WorkerPlan, turns: Semaphore, shared: SharedLiveness
) -> None:
    while not shared.draining:
        if turns.acquire(timeout=POLL_INTERVAL):
            context.liveness.begin_turn()
            _run_next(context, lambda: _claim(context, plan.node, plan.routes))
            context.liveness.end_turn()


def _run_next(context: WorkerContext, claim: Callable[[], Job | None]) -> bool:
    """Run the job that `claim` returns. Returns False if there was none."""
    job = wait_for_database(claim, context.writes)
    if job is None:
        return False
    context.liveness.begin_job(job.job_id)
    run_job(context, job)
    end_descendants()
    _exit_if_threads_are_left(context)
    return True


def _exit_if_threads_are_left(context: WorkerContext) -> None:
    """A thread cannot be ended from outside, so the next job gets a new worker."""
    left = [t for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()]
    if left:
        names = [thread.name for thread in left]
        _log.warning("worker_renewed", extra={"worker": context.worker, "threads": names})
        end_own_group()


def exit_with_parent(end: Callable[[], object] = lambda: os._exit(0)) -> None:
    """End this process by `end` when the one that started it ends, even if that one is killed.

    An interrupt from the keyboard reaches the whole process group; this process ignores it and
    leaves the shutdown to its parent.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        end()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _claim(context: WorkerContext, node: str = "", routes: Sequence[Route] = (ANY,)) -> Job | None:
    with (
        context.db.reading() as tx
    ):  # mostly there is none: do not make writers wait for that answer
        if next_pending(tx, routes) is None:
            return None
    with context.db.writing() as tx:
        if node and not nodes.is_known(tx, node):
            return None  # the service took the node for lost, and would end the job as well
        steps = [step.name for step in context.pipeline.steps]
        job = lifecycle.claim(tx, context.worker, steps, routes)
    if job is not None:
        _log.info("job_claimed", extra={"job_id": job.job_id, "worker": context.worker})
    return job
