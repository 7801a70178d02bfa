"""Run one claimed job: its steps in order, until `lifecycle` has ended it."""

import errno
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import OperationalError

from etl_monitor import tracing
from etl_monitor.errors import EtlMonitorError, PipelineError
from etl_monitor.pipeline.base import Outcome, Pipeline, PipelineJob
from etl_monitor.service import errors
from etl_monitor.service.border.handover import Handover, plain_error
from etl_monitor.service.border.values import plain_text, type_name
from etl_monitor.service.engines.liveness import Liveness
from etl_monitor.service.engines.progress_reporter import ProgressReporter
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import publish
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.wire.job import Job

POLL_INTERVAL = 0.2  # seconds between two queries for a cancel request

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class WorkerContext:
    """What a worker needs to run a job."""

    db: Database
    folders: Folders
    pipeline: Pipeline
    worker: str
    kinds_dir: Path | None
    reads: DatabaseOutage
    writes: DatabaseOutage
    liveness: Liveness = field(default_factory=Liveness)


class CancelCheck:
    """The `cancelled` that steps get. Queries the database, but not at every call."""

    def __init__(self, context: WorkerContext, job: Job) -> None:
        self._db, self._reads, self._liveness = context.db, context.reads, context.liveness
        self._job = job
        self._is_cancelled = False
        self._checked_at = 0.0

    def __call__(self) -> bool:
        with self._liveness.own_code():
            if not self._is_cancelled and time.monotonic() - self._checked_at >= POLL_INTERVAL:
                self._checked_at = time.monotonic()
                self._is_cancelled = self._query()
            return self._is_cancelled

    def _query(self) -> bool:
        try:
            with self._db.reading() as tx:
                job = job_queries.find(tx, self._job.job_id)
        except OperationalError as error:
            self._reads.record_failure(error)
            return False
        self._reads.record_success()
        if job is None or not job.status.is_active or job.worker != self._job.worker:
            return True
        return job.is_cancelling


def run_job(context: WorkerContext, job: Job) -> None:
    """Run the job and end it in the database, whatever happens in its steps."""
    with tracing.span("run job", parent=_trace(context, job), job_id=job.job_id):
        _run_job(context, job)


def _trace(context: WorkerContext, job: Job) -> str | None:
    if not tracing.is_on():
        return None

    def read() -> str | None:
        with context.db.reading() as tx:
            return job_queries.trace(tx, job.job_id)

    return wait_for_database(read, context.reads)


def _run_job(context: WorkerContext, job: Job) -> None:
    began = time.monotonic()
    steps = context.pipeline.steps
    reporter = wait_for_database(
        lambda: ProgressReporter(
            context.db, job, context.worker, steps, writes=context.writes, liveness=context.liveness
        ),
        context.reads,
    )
    error = _try(context, job, reporter)
    if error is not None:  # the job's folder is gone by now, which frees space on a full disk
        tracing.fail(error.code)
        reporter.flush()
        wait_for_database(lambda: _fail(context, job, error), context.writes)
    status = wait_for_database(lambda: _status(context, job), context.reads)
    fields = {"job_id": job.job_id, "test_id": job.test_id, "worker": context.worker}
    fields |= {"status": status, "code": error.code if error else None}
    _log.info("job_finished", extra=fields | {"seconds": round(time.monotonic() - began, 3)})


def _status(context: WorkerContext, job: Job) -> str:
    with context.db.reading() as tx:
        current = job_queries.find(tx, job.job_id)
    return current.status if current else "removed"


def _try(context: WorkerContext, job: Job, reporter: ProgressReporter) -> EtlMonitorError | None:
    """Return why the job failed, or None if it was completed or cancelled."""
    try:
        with _heartbeats(reporter), _same_folder():
            work_dir = context.folders.work_dir(job.job_id)
            outcome = _run_steps(context, job, reporter, work_dir)
            _keep_rejected_rows(context, job, reporter)
            _publish(context, job, outcome)
    except PipelineError as handed_over:
        error = plain_error(handed_over)
        # The step's own error says more.
        with suppress(errors.UnusableHandover, errors.StorageUnavailable):
            _keep_rejected_rows(context, job, reporter)
        reporter.log(error.message, "error", code=error.code, details=error.details)
        return error
    except errors.StorageUnavailable as unavailable:
        failure = errors.JobStorageUnavailable(reason=unavailable.reason)
        reporter.log(failure.message, "error", code=failure.code, details=failure.details)
        return failure
    except BaseException as error:  # noqa: BLE001  # whatever a step raises must not end the worker
        _log.exception("job_crashed", extra={"job_id": job.job_id})
        reporter.log(traceback.format_exc(), "error")
        return _crash(error, reporter.step)
    finally:
        context.folders.remove_work_dir(job.job_id)
    return None


def _crash(error: BaseException, step: str) -> EtlMonitorError:
    if isinstance(error, SystemExit):
        return errors.StepExited(step=step, exit_code=plain_text(error.code, 200))
    if isinstance(error, KeyboardInterrupt):
        return errors.StepInterrupted(step=step)
    if _is_disk_full(error):
        return errors.NoRoomForJob()
    return errors.StepFailed(exception=type_name(error))


def _run_steps(
    context: WorkerContext, job: Job, reporter: ProgressReporter, work_dir: Path
) -> Outcome | None:
    """Return the outcome, or None if the job is to be cancelled."""
    cancelled = CancelCheck(context, job)
    pipeline_job = _pipeline_job(context, job, work_dir)
    outcome: Outcome | None = None
    for index, step in enumerate(context.pipeline.steps, start=1):
        reporter.begin(index)
        with tracing.span(step.name), context.liveness.step(step.longest_silence):
            outcome = step.run(pipeline_job, reporter, cancelled)
        if cancelled():
            reporter.flush()  # the last lines may say how far the step came
            return None
        reporter.end()
    reporter.flush()
    return Handover(step=reporter.step).outcome(outcome, work_dir)


def _pipeline_job(context: WorkerContext, job: Job, work_dir: Path) -> PipelineJob:
    test_id = job.test_id or ""

    def read() -> Row[Any]:
        with context.db.reading() as tx:
            return result_queries.test_row(tx, test_id)

    test = wait_for_database(read, context.reads)
    try:
        source = context.folders.answer_file(test.source, job.job_id)
    except FileNotFoundError:
        raise errors.AnswerFileMissing(file_name=test.file_name) from None
    return PipelineJob(
        job_id=job.job_id,
        test_id=test_id,
        test_kind=test.test_kind,
        title=test.title,
        source=source,
        work_dir=work_dir,
        kinds_dir=context.kinds_dir,
    )


def _keep_rejected_rows(context: WorkerContext, job: Job, reporter: ProgressReporter) -> None:
    work_dir = context.folders.work / job.job_id
    rows = Handover(step=reporter.step).rejected_rows(work_dir)
    if rows is None:
        return
    name = context.folders.store_rejected(rows, job.job_id)

    def record() -> None:
        with context.db.writing() as tx:
            lifecycle.record_rejected_rows(tx, job.job_id, name)

    wait_for_database(record, context.writes)


def _publish(context: WorkerContext, job: Job, outcome: Outcome | None) -> None:
    if outcome and publish.publish_results(
        context.db, context.folders, job, outcome, context.writes
    ):
        return

    def cancel() -> None:
        with context.db.writing() as tx:
            lifecycle.end_cancelled(tx, job.job_id, context.worker)

    wait_for_database(cancel, context.writes)


def _fail(context: WorkerContext, job: Job, error: EtlMonitorError) -> None:
    with context.db.writing() as tx:
        lifecycle.fail(tx, job.job_id, context.worker, error)


def _is_disk_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def _heartbeats(reporter: ProgressReporter) -> Iterator[None]:
    """Write heartbeats from a thread, since a step may run for long without a report."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(1.0):
            reporter.beat()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _same_folder() -> Iterator[None]:
    """Return to the current folder afterwards. A step may go to the job's own, which is removed."""
    home = None
    with suppress(FileNotFoundError):  # of a service whose folder was removed
        home = Path.cwd()
    try:
        yield
    finally:
        if home is not None:
            os.chdir(home)
