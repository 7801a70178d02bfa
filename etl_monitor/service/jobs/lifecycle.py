"""The life of a job. The only module that writes a job's state.

    pending ──claim──► running ──complete──► completed
       │                  ├──fail, lose────► failed
       └──request_cancel──┴──end_cancelled─► cancelled

Every change is one compare-and-set, and appends its event in the same transaction; who comes too
late changes nothing and is told so (None or False). Once a cancel request is accepted, a job can
only end as cancelled. Functions take the transaction that they work in.
"""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import errors
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs import steps
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.sql_time import not_before
from etl_monitor.service.storage.tables import job_log, job_steps, jobs
from etl_monitor.wire.job import Job, JobStatus, LogLine, may_retry

LOG_LINES_KEPT = 2000  # of a job, the newest

STARTED, PROGRESS = "job_started", "job_progress"
COMPLETED, FAILED, CANCELLED = "job_completed", "job_failed", "job_cancelled"

_RUNNING = jobs.c.status == JobStatus.RUNNING
_NOBODY_ASKED = jobs.c.cancel_requested_at.is_(None)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a running job is. `step_index` from 1; `progress` in percent of the whole job."""

    current_step: str
    step_index: int
    progress: int
    rows_done: int | None
    rows_total: int | None
    estimated_completion: datetime | None = None
    eta_earliest: datetime | None = None
    eta_latest: datetime | None = None


def create(
    tx: Connection,
    test: Row[Any],
    *,
    requested_by: str,
    step_count: int,
    retry_of: Job | None = None,
    force: bool = False,
) -> Job:
    """A new pending job of a test. Raises Conflict where the test has an active one. `force`: it
    was asked for although there may be results."""
    job = _new_job(test, requested_by, step_count, force)
    if retry_of is not None:
        job = job.model_copy(update=_ancestry(tx, retry_of))
    born = event_log.append(tx, STARTED, job.model_dump_json(by_alias=True), job_id=job.job_id)
    _insert(tx, job, born)
    return job


def retry(tx: Connection, test: Row[Any], job: Job, *, requested_by: str, step_count: int) -> Job:
    """A new attempt. Raises Conflict where the state does not allow it."""
    if not may_retry(job):
        raise errors.JobNotRetryable(job_id=job.job_id, job_status=job.status)
    return create(tx, test, requested_by=requested_by, step_count=step_count, retry_of=job)


def claim(tx: Connection, worker: str, step_names: Sequence[str]) -> Job | None:
    """Give the oldest waiting job to `worker`. None: nothing waits."""
    job_id = oldest_pending(tx)
    if job_id is None:
        return None
    at = now()
    taken = {"status": JobStatus.RUNNING, "worker": worker, "started_at": at, "heartbeat_at": at}
    taken |= {"step_count": len(step_names)}
    job = _change(tx, job_id, PROGRESS, taken, jobs.c.status == JobStatus.PENDING)
    if job is not None:
        steps.plan(tx, job_id, step_names)
    return job


def oldest_pending(tx: Connection) -> str | None:
    query = select(jobs.c.job_id).where(jobs.c.status == JobStatus.PENDING)
    return tx.execute(query.order_by(jobs.c.born).limit(1)).scalar_one_or_none()


def advance(tx: Connection, job_id: str, worker: str, progress: Progress) -> bool:
    """Tell how far the job is. False: it is no longer this worker's."""
    told = asdict(progress) | {"heartbeat_at": now()}
    if _change(tx, job_id, PROGRESS, told, *_held_by(worker)) is None:
        return False
    steps.advance(
        tx,
        job_id,
        progress.step_index,
        rows_done=progress.rows_done,
        rows_total=progress.rows_total,
    )
    return True


def beat(tx: Connection, job_id: str, worker: str) -> bool:
    """A sign of life where there is no progress to tell."""
    beaten = {"heartbeat_at": now()}
    return _change(tx, job_id, PROGRESS, beaten, *_held_by(worker)) is not None


def complete(tx: Connection, job_id: str, worker: str) -> bool:
    """False: a cancel was asked for, or the job is no longer this worker's."""
    over = {"status": JobStatus.COMPLETED, "progress": 100} | _NO_ETA
    where = (*_held_by(worker), _NOBODY_ASKED)
    return _end(tx, job_id, COMPLETED, over, *where, ended="completedAt") is not None


def fail(tx: Connection, job_id: str, worker: str, error: EtlMonitorError) -> bool:
    """Ends as cancelled where a cancel was asked for. False: no longer this worker's job."""
    over: dict[str, Any] = {"status": JobStatus.FAILED} | _NO_ETA
    over |= {"error_code": error.code, "error_message": error.message}
    over |= {"error_details": error.details or None}
    where = (*_held_by(worker), _NOBODY_ASKED)
    failed = _end(tx, job_id, FAILED, over, *where, ended="failedAt")
    return failed is not None or end_cancelled(tx, job_id, worker)


def end_cancelled(tx: Connection, job_id: str, worker: str, *, forced: bool = False) -> bool:
    """The running job stopped because somebody asked. `forced`: its worker had to be killed."""
    over = {"status": JobStatus.CANCELLED, "forced": forced} | _NO_ETA
    where = (*_held_by(worker), ~_NOBODY_ASKED)
    return _end(tx, job_id, CANCELLED, over, *where, ended="cancelledAt") is not None


def request_cancel(
    tx: Connection, job_id: str, *, by: str, reason: str | None, deadline: timedelta
) -> Job:
    """A waiting job ends at once, a running one as soon as its worker looks. Asked again while it
    is cancelling, nothing changes. Raises NotFound, and Conflict where the job is over."""
    job = job_queries.get(tx, job_id)
    if job.is_cancelling:
        return job
    asked = {"cancel_requested_at": now(), "cancel_requested_by": by, "cancel_reason": reason}
    if job.status is JobStatus.PENDING:
        over = asked | {"status": JobStatus.CANCELLED}
        waiting = jobs.c.status == JobStatus.PENDING
        changed = _end(tx, job_id, CANCELLED, over, waiting, ended="cancelledAt")
    else:
        asked |= {"cancel_deadline": now() + deadline}
        changed = _change(tx, job_id, PROGRESS, asked, _RUNNING, _NOBODY_ASKED)
    if changed is None:
        raise errors.JobNotCancellable(job_id=job.job_id, job_status=job.status)
    return changed


def remove(tx: Connection, job_id: str) -> None:
    """Forget a job, whatever its state: a worker that still has it changes nothing any more."""
    for table in (job_steps, job_log, jobs):
        tx.execute(delete(table).where(table.c.job_id == job_id))
    event_log.append(tx, "", f'{{"type":"job_removed","jobId":"{job_id}"}}', job_id=job_id)


def write_log(tx: Connection, job_id: str, lines: Sequence[LogLine]) -> None:
    """The oldest make room where there are too many."""
    if lines and job_queries.find(tx, job_id) is not None:
        tx.execute(insert(job_log), [{"job_id": job_id, **line.model_dump()} for line in lines])
        of_job = job_log.c.job_id == job_id
        newest = select(job_log.c.id).where(of_job).order_by(job_log.c.id.desc())
        too_old = newest.offset(LOG_LINES_KEPT).limit(1).scalar_subquery()
        tx.execute(delete(job_log).where(of_job, job_log.c.id <= too_old))


_NO_ETA = {"estimated_completion": None, "eta_earliest": None, "eta_latest": None}


def _held_by(worker: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _RUNNING, jobs.c.worker == worker


def _new_job(test: Row[Any], requested_by: str, step_count: int, force: bool) -> Job:
    job_id, at = str(uuid.uuid4()), now()
    return Job(
        job_id=job_id,
        root_id=job_id,
        created_at=at,
        updated_at=at,
        test_id=test.test_id,
        user_id=test.user_id,
        anp_seq=test.anp_seq,
        title=test.title,
        test_kind=test.test_kind,
        step_count=step_count,
        requested_by=requested_by,
        force_reprocess=force,
    )


def _insert(tx: Connection, job: Job, born: int) -> None:
    """The database itself sees to it that a test has one active job, whoever else asks now."""
    row = {name: value for name, value in job if name in jobs.c}
    try:
        with tx.begin_nested():
            tx.execute(insert(jobs).values(**row, born=born))
    except IntegrityError:
        active = job_queries.active_of_test(tx, job.test_id or "")
        if active is None:
            raise
        raise errors.TestAlreadyProcessing(test_id=active.test_id, job_id=active.job_id) from None


def _ancestry(tx: Connection, parent: Job) -> dict[str, Any]:
    root_id = parent.root_id or parent.job_id
    newest = job_queries.newest_attempt(tx, root_id)
    attempt = {"retry_of": parent.job_id, "root_id": root_id, "attempt": newest + 1}
    return attempt | {"force_reprocess": parent.force_reprocess}


def _change(
    tx: Connection,
    job_id: str,
    event: str,
    changes: Mapping[str, Any],
    *where: ColumnElement[bool],
    ended: str | None = None,
) -> Job | None:
    """The compare-and-set and its event. None: the job was not in the state that `where` asks.
    `ended`: under which name the event tells also when the job was over."""
    changes = {**changes, "updated_at": now()}
    change = update(jobs).where(jobs.c.job_id == job_id, *where).values(changes).returning(jobs)
    row = tx.execute(change).one_or_none()
    if row is None:
        return None
    changed = {name: row._mapping[name] for name in changes}
    told = Job(job_id=job_id, **changed).model_dump(mode="json", by_alias=True, exclude_unset=True)
    if ended is not None:
        told[ended] = told["finishedAt"]
    event_log.append(tx, event, json.dumps(told), job_id=job_id)
    return job_queries.as_job(row)


def _end(
    tx: Connection,
    job_id: str,
    event: str,
    over: Mapping[str, Any],
    *where: ColumnElement[bool],
    ended: str,
) -> Job | None:
    over = {**over, "finished_at": not_before(jobs.c.started_at, now())}
    job = _change(tx, job_id, event, over, *where, ended=ended)
    if job is not None:
        steps.close(tx, job_id, job.status)
    return job
