"""What a lost job ends as, one whose worker is gone: cancelled if someone requested that, otherwise
failed with the error that says how its worker ended. The reaper of each engine calls it.
"""

import logging
import signal
from collections.abc import Iterable

from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import errors
from etl_monitor.service.engines.worker_slot import WorkerExit
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.job import Job

_log = logging.getLogger(__name__)


def end_lost_job(
    db: Database, folders: Folders, job: Job, error: EtlMonitorError, *, forced: bool = False
) -> None:
    """End it, once even if its worker ends it at the same moment. `forced`: its worker was killed
    to cancel it."""
    worker = job.worker or ""
    with db.writing() as tx:
        has_ended = lifecycle.end_cancelled(tx, job.job_id, worker, forced=forced)
        has_ended = has_ended or lifecycle.fail(tx, job.job_id, worker, error)
    if has_ended:
        folders.remove_work_dir(job.job_id)
        _log.warning("lost_job_ended", extra={"job_id": job.job_id, "worker": worker})


def error_of_exit(job: Job, exits: Iterable[WorkerExit]) -> EtlMonitorError:
    """Return what ended a job's worker, if that is among the last exits of workers."""
    ended = next((ended for ended in exits if ended.worker == job.worker), None)
    if ended is None:
        return errors.WorkerEnded()
    if ended.code < 0:
        return errors.WorkerKilled(step=job.current_step, signal=_signal_name(-ended.code))
    if ended.in_step:
        return errors.WorkerExited(step=job.current_step, exit_code=ended.code)
    return errors.WorkerEnded()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names
        return str(number)
