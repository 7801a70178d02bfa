"""The life cycle of a job. Only this module changes a job's state; `creation` makes jobs.

    pending ──claim──► running ──complete──► completed
       │  ◄──requeue──    ├──fail──────────► failed
       └──request_cancel──┴──end_cancelled─► cancelled

Every change is one compare-and-set that appends its event in the same transaction. A caller that
comes too late changes nothing and gets None or False. Once a cancel request is accepted, the job
can only end as cancelled. The functions run in the caller's transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, update

from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import errors
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import log, steps
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.front import next_pending
from etl_monitor.service.jobs.route import ANY, Route
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.fixed_sql import FixedStatement
from etl_monitor.service.storage.sql_time import not_before
from etl_monitor.service.storage.tables import job_log, job_steps, jobs
from etl_monitor.wire.job import Job, JobStatus, LogLine

PROGRESS = "job_progress"
COMPLETED, FAILED, CANCELLED = "job_completed", "job_failed", "job_cancelled"

_PENDING = jobs.c.status == JobStatus.PENDING
_RUNNING = jobs.c.status == JobStatus.RUNNING
_NOT_CANCELLING = jobs.c.cancel_requested_at.is_(None)
_HELD = (_RUNNING, jobs.c.worker == bindparam("held_by"))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a running job is. `step_index` counts from 1; `progress` is in percent of the job."""

    current_step: str
    step_index: int
    progress: int
    rows_done: int | None
    rows_total: int | None
    estimated_completion: datetime | None = None
    eta_earliest: datetime | None = None
    eta_latest: datetime | None = None


def claim(
    tx: Connection, worker: str, step_names: Sequence[str], routes: Sequence[Route] = (ANY,)
) -> Job | None:
    """Give `worker` the first job of the queue that its routes take and the rules let start.
    Returns None if none is pending.

    The jobs that run are counted in the same transaction, and one transaction writes at a time: no
    two claims exceed a limit together.
    """
    job_id = next_pending(tx, routes)
    if job_id is None:
        return None
    at = now()
    changes = {"status": JobStatus.RUNNING, "worker": worker, "started_at": at, "heartbeat_at": at}
    changes |= {"step_count": len(step_names)}
    job = _change(tx, job_id, PROGRESS, changes, _PENDING)
    if job is not None:
        steps.plan(tx, job_id, step_names)
    return job


def promote(tx: Connection, job_id: str) -> Job:
    """Move a waiting job to the front of the queue. Raises NotFound, or Conflict if it does not
    wait."""
    changed = _change(tx, job_id, PROGRESS, {"promoted_at": now()}, _PENDING)
    if changed is None:
        job = job_queries.get(tx, job_id)
        raise errors.JobNotWaiting(job_id=job.job_id, job_status=job.status)
    return changed


def mark_seen(tx: Connection, job_id: str, *, by: str) -> Job:
    """Mark a failed job as seen by someone; again changes nothing. Raises NotFound, or Conflict if
    it has not failed."""
    job = job_queries.get(tx, job_id)
    if job.status is not JobStatus.FAILED:
        raise errors.JobNotFailed(job_id=job.job_id, job_status=job.status)
    if job.seen_at is not None:
        return job
    tx.execute(update(jobs).where(jobs.c.job_id == job_id).values(seen_at=now(), seen_by=by))
    job = job_queries.get(tx, job_id)
    # A whole record: a partial one of a final job would be late.
    data = {"type": "job_update", "job": job.model_dump(mode="json", by_alias=True)}
    event_log.append(tx, "", json.dumps(data), job_id=job_id)
    return job


def record_rejected_rows(tx: Connection, job_id: str, name: str) -> None:
    """Record the name of the file of the job's rejected rows."""
    tx.execute(update(jobs).where(jobs.c.job_id == job_id).values(rejected=name))


def advance(tx: Connection, job_id: str, worker: str, progress: Progress) -> bool:
    """Write how far the job is. Returns False if it is no longer this worker's."""
    changes = asdict(progress) | {"heartbeat_at": now()}
    if not _move_on(tx, job_id, worker, changes):
        return False
    steps.advance(
        tx,
        job_id,
        progress.step_index,
        rows_done=progress.rows_done,
        rows_total=progress.rows_total,
    )
    return True


def heartbeat(tx: Connection, job_id: str, worker: str) -> bool:
    """Write a sign of life. Returns False if the job is no longer this worker's."""
    return _move_on(tx, job_id, worker, {"heartbeat_at": now()})


def complete(tx: Connection, job_id: str, worker: str) -> bool:
    """Returns False if a cancel was requested, or if the job is no longer this worker's."""
    changes = {"status": JobStatus.COMPLETED, "progress": 100} | _NO_ETA
    where = (*_held_by(worker), _NOT_CANCELLING)
    return _end(tx, job_id, COMPLETED, changes, *where, time_field="completedAt") is not None


def fail(tx: Connection, job_id: str, worker: str, error: EtlMonitorError) -> bool:
    """End the job as failed, or as cancelled if a cancel was requested.

    Returns False if the job is no longer this worker's.
    """
    changes: dict[str, Any] = {"status": JobStatus.FAILED} | _NO_ETA
    changes |= {"error_code": error.code, "error_message": error.message}
    changes |= {"error_details": error.details or None}
    where = (*_held_by(worker), _NOT_CANCELLING)
    failed = _end(tx, job_id, FAILED, changes, *where, time_field="failedAt")
    return failed is not None or end_cancelled(tx, job_id, worker)


def end_cancelled(tx: Connection, job_id: str, worker: str, *, forced: bool = False) -> bool:
    """End a running job whose cancel was requested. `forced`: its worker had to be killed.

    Returns False if no cancel was requested, or if the job is no longer this worker's.
    """
    changes = {"status": JobStatus.CANCELLED, "forced": forced} | _NO_ETA
    where = (*_held_by(worker), ~_NOT_CANCELLING)
    return _end(tx, job_id, CANCELLED, changes, *where, time_field="cancelledAt") is not None


def requeue(tx: Connection, job_id: str, worker: str) -> bool:
    """Put a running job back to its place in the queue, because the service stops. It starts over,
    as the same attempt.

    Returns False if a cancel was requested, or if the job is no longer this worker's.
    """
    changes = _NOT_STARTED | _NO_ETA | {"restarts": jobs.c.restarts + 1}
    where = (*_held_by(worker), _NOT_CANCELLING)
    if _change(tx, job_id, PROGRESS, changes, *where) is None:
        return False
    tx.execute(delete(job_steps).where(job_steps.c.job_id == job_id))
    line = LogLine(at=now(), level="warning", message=_RESTARTED, code="restarted", details={})
    log.write(tx, job_id, [line])
    return True


def request_cancel(
    tx: Connection, job_id: str, *, by: str, reason: str | None, deadline: timedelta
) -> Job:
    """Request a cancel. A pending job ends at once, a running one when its worker next checks.

    A second request while the job is cancelling changes nothing. Raises NotFound if the job is
    unknown, and Conflict if it has ended.
    """
    job = job_queries.get(tx, job_id)
    if job.is_cancelling:
        return job
    changes = {"cancel_requested_at": now(), "cancel_requested_by": by, "cancel_reason": reason}
    if job.status is JobStatus.PENDING:
        changes |= {"status": JobStatus.CANCELLED}
        changed = _end(tx, job_id, CANCELLED, changes, _PENDING, time_field="cancelledAt")
    else:
        changes |= {"cancel_deadline": now() + deadline}
        changed = _change(tx, job_id, PROGRESS, changes, _RUNNING, _NOT_CANCELLING)
    if changed is None:
        raise errors.JobNotCancellable(job_id=job.job_id, job_status=job.status)
    return changed


def remove(tx: Connection, job_id: str) -> None:
    """Delete a job in any state. A worker that still runs it can no longer change anything."""
    for table in (job_steps, job_log, jobs):
        tx.execute(delete(table).where(table.c.job_id == job_id))
    event_log.append(tx, "", f'{{"type":"job_removed","jobId":"{job_id}"}}', job_id=job_id)


_RESTARTED = "The service was stopped. The job waits and starts over when it runs again."
_NOT_STARTED = {
    "status": JobStatus.PENDING,
    "progress": 0,
    "current_step": "",
    "step_index": None,
    "rows_done": None,
    "rows_total": None,
    "started_at": None,
    "worker": None,
    "heartbeat_at": None,
}
_NO_ETA = {"estimated_completion": None, "eta_earliest": None, "eta_latest": None}


def _held_by(worker: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _RUNNING, jobs.c.worker == worker


def _move_on(tx: Connection, job_id: str, worker: str, changes: Mapping[str, Any]) -> bool:
    """Write values of a job that the worker has, and append the event. Returns False if it is no
    longer the worker's. Most of what is written is written here."""
    changes = {**changes, "updated_at": now()}
    values = {f"new_{name}": value for name, value in changes.items()}
    held = {"of_job": job_id, "held_by": worker}
    written = _held_update(tuple(changes)).execute(tx, held | values)
    if not written:
        return False
    event_log.append(tx, PROGRESS, json.dumps(_event_data(job_id, changes)), job_id=job_id)
    return True


@lru_cache(maxsize=16)
def _held_update(names: tuple[str, ...]) -> FixedStatement:
    values = {name: bindparam(f"new_{name}", type_=jobs.c[name].type) for name in names}
    changed = update(jobs).where(jobs.c.job_id == bindparam("of_job"), *_HELD).values(values)
    return FixedStatement(changed)


def _change(
    tx: Connection,
    job_id: str,
    event: str,
    changes: Mapping[str, Any],
    *where: ColumnElement[bool],
    time_field: str | None = None,
) -> Job | None:
    """Change the job and append the event, or return None if the job does not match `where`.

    `time_field` is a second name in the event's data for when the job ended.
    """
    changes = {**changes, "updated_at": now()}
    change = update(jobs).where(jobs.c.job_id == job_id, *where).values(changes).returning(jobs)
    row = tx.execute(change).one_or_none()
    if row is None:
        return None
    data = _event_data(job_id, {name: row._mapping[name] for name in changes})
    if time_field is not None:
        data[time_field] = data["finishedAt"]
    event_log.append(tx, event, json.dumps(data), job_id=job_id)
    return job_queries.as_job(row)


def _event_data(job_id: str, changed: Mapping[str, Any]) -> dict[str, Any]:
    job = Job(job_id=job_id, **changed)
    return job.model_dump(mode="json", by_alias=True, exclude_unset=True)


def _end(
    tx: Connection,
    job_id: str,
    event: str,
    changes: Mapping[str, Any],
    *where: ColumnElement[bool],
    time_field: str,
) -> Job | None:
    changes = {**changes, "finished_at": not_before(jobs.c.started_at, now())}
    job = _change(tx, job_id, event, changes, *where, time_field=time_field)
    if job is not None:
        steps.close(tx, job_id, job.status)
    return job
