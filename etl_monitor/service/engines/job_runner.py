"""Runs one claimed job: its steps in order, to one of the ends that `jobs` knows."""

import errno
import logging
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from etl_monitor.errors import EtlMonitorError, PipelineError
from etl_monitor.pipeline.base import Outcome, Pipeline, PipelineJob
from etl_monitor.service.engines.liveness import Liveness
from etl_monitor.service.engines.progress_reporter import Reporter
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import publish
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.wire.job import Job

LOOK_EVERY = 0.2  # seconds between two looks whether a cancel was asked for

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerContext:
    """What a worker works with."""

    db: Database
    folders: Folders
    pipeline: Pipeline
    worker: str
    kinds_dir: Path | None
    reads: DatabaseOutage
    writes: DatabaseOutage
    pulse: Liveness = field(default_factory=Liveness)


class CancelCheck:
    """The `cancelled` that steps get: looks into the database, but not at every call."""

    def __init__(self, bench: WorkerContext, job: Job) -> None:
        self._db, self._reads, self._pulse = bench.db, bench.reads, bench.pulse
        self._job = job
        self._asked = False
        self._looked_at = 0.0

    def __call__(self) -> bool:
        with self._pulse.ours():
            if not self._asked and time.monotonic() - self._looked_at >= LOOK_EVERY:
                self._looked_at = time.monotonic()
                self._asked = self._look()
            return self._asked

    def _look(self) -> bool:
        try:
            with self._db.reading() as tx:
                job = job_queries.find(tx, self._job.job_id)
        except OperationalError as error:
            self._reads.away(error)
            return False
        self._reads.back()
        mine = job is not None and job.status.is_active and job.worker == self._job.worker
        return not mine or (job is not None and job.is_cancelling)


def run_job(bench: WorkerContext, job: Job) -> None:
    """Ends the job in the database, whatever happens in it."""
    began = time.monotonic()
    steps = bench.pipeline.steps
    reporter = wait_for_database(
        lambda: Reporter(
            bench.db, job, bench.worker, steps, writes=bench.writes, pulse=bench.pulse
        ),
        bench.reads,
    )
    error = _try(bench, job, reporter)
    if error is not None:  # by now the job's folder is gone: on a full disk that makes room
        reporter.flush()
        wait_for_database(lambda: _fail(bench, job, error), bench.writes)
    status = wait_for_database(lambda: _status(bench, job), bench.reads)
    told = {"job_id": job.job_id, "test_id": job.test_id, "worker": bench.worker}
    told |= {"status": status, "code": error.code if error else None}
    _log.info("job_over", extra=told | {"seconds": round(time.monotonic() - began, 3)})


def _status(bench: WorkerContext, job: Job) -> str:
    with bench.db.reading() as tx:
        found = job_queries.find(tx, job.job_id)
    return found.status if found else "removed"


def _try(bench: WorkerContext, job: Job, reporter: Reporter) -> EtlMonitorError | None:
    """Why the job cannot be completed. None: it is over, also where somebody asked to cancel."""
    try:
        with _beating(reporter):
            work_dir = bench.folders.work_dir(job.job_id)
            _deliver(bench, job, _run_steps(bench, job, reporter, work_dir))
    except PipelineError as error:
        reporter.log(error.message, "error", code=error.code, details=error.details)
        return error
    except Exception as error:  # noqa: BLE001  # a step's mistake must not take the worker along
        _log.exception("job_broke", extra={"job_id": job.job_id})
        reporter.log(traceback.format_exc(), "error")
        return _disk_full() if _is_disk_full(error) else _internal(error)
    finally:
        bench.folders.remove_work_dir(job.job_id)
    return None


def _run_steps(
    bench: WorkerContext, job: Job, reporter: Reporter, work_dir: Path
) -> Outcome | None:
    """None: somebody asked to cancel."""
    cancelled = CancelCheck(bench, job)
    piece = _piece_of_work(bench, job, work_dir)
    outcome: Outcome | None = None
    for index, step in enumerate(bench.pipeline.steps, start=1):
        reporter.begin(index)
        with bench.pulse.step(step.longest_silence):
            outcome = step.run(piece, reporter, cancelled)
        if cancelled():
            reporter.flush()  # what it said last may tell how far it came
            return None
        reporter.end()
    reporter.flush()
    if outcome is None:
        raise TypeError(f"the last step of the pipeline {bench.pipeline.name} returned no Outcome")
    return outcome


def _piece_of_work(bench: WorkerContext, job: Job, work_dir: Path) -> PipelineJob:
    test_id = job.test_id or ""

    def read() -> Row[Any]:
        with bench.db.reading() as tx:
            return result_queries.test_row(tx, test_id)

    test = wait_for_database(read, bench.reads)
    return PipelineJob(
        job_id=job.job_id,
        test_id=test_id,
        test_kind=test.test_kind,
        title=test.title,
        source=bench.folders.uploads / test.source,
        work_dir=work_dir,
        kinds_dir=bench.kinds_dir,
    )


def _deliver(bench: WorkerContext, job: Job, outcome: Outcome | None) -> None:
    if outcome and publish.deliver(bench.db, bench.folders, job, outcome, bench.writes):
        return

    def cancel() -> None:
        with bench.db.writing() as tx:
            lifecycle.end_cancelled(tx, job.job_id, bench.worker)

    wait_for_database(cancel, bench.writes)


def _fail(bench: WorkerContext, job: Job, error: EtlMonitorError) -> None:
    with bench.db.writing() as tx:
        lifecycle.fail(tx, job.job_id, bench.worker, error)


def _is_disk_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def _disk_full() -> EtlMonitorError:
    return EtlMonitorError(
        "disk_full",
        "The service's disk was full, so the job stopped. The old results stand. Make room, then "
        "retry it.",
    )


def _internal(error: Exception) -> EtlMonitorError:
    return EtlMonitorError(
        "internal_error",
        "The job stopped because of a mistake in the program, not in the answer file. Retry it; "
        "where it fails again, give the job's log to whoever looks after this service.",
        {"exception": type(error).__name__},
    )


@contextmanager
def _beating(reporter: Reporter) -> Iterator[None]:
    """Signs of life from beside the step, which may be busy for long."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(1.0):
            reporter.beat()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
