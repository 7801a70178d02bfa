"""The engine of one machine: worker processes, kept alive by a thread of the service.

The thread looks a few times a second. It replaces workers that ended, ends the jobs of workers that
are gone, and kills those that ignore a cancel request beyond its deadline or show no sign of life.
"""

import logging
import multiprocessing
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import RawValue

from sqlalchemy.exc import OperationalError

from etl_monitor.backoff import Backoff
from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import errors
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.liveness import SharedLiveness
from etl_monitor.service.engines.worker import WorkerPlan, work
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage
from etl_monitor.wire.job import Job, JobStatus

POLL_INTERVAL = 0.2  # seconds
HUNG_AFTER = 45.0  # seconds
_BEGINS_WITHIN = 120.0  # seconds until its first pulse; a busy machine may need some
_SHORT_LIFE = 5.0  # seconds; a worker that ends sooner is started again only after a pause
_BACKOFF = Backoff(base=0.5, cap=30.0)

_log = logging.getLogger(__name__)
_spawn = multiprocessing.get_context("spawn")


@dataclass(kw_only=True)
class _Slot:
    """A place for a worker, and the process that is in it."""

    number: int
    name: str = ""
    process: SpawnProcess | None = None
    started_at: float = 0.0
    short_lives: int = 0  # in a row
    not_before: float = 0.0
    shared: SharedLiveness = field(default_factory=lambda: RawValue(SharedLiveness))
    signs: int = 0  # of life, that were seen
    seen_at: float = 0.0

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def patience(self, hung_after: float) -> float:
        """Seconds of silence that are no sign of a fault."""
        return max(hung_after, self.shared.patience) if self.signs else _BEGINS_WITHIN

    def hangs(self, hung_after: float) -> bool:
        """By a clock that nobody sets, and that rests while the machine sleeps."""
        if self.shared.signs != self.signs:
            self.signs, self.seen_at = self.shared.signs, time.monotonic()
        return self.alive and time.monotonic() - self.seen_at > self.patience(hung_after)


class LocalEngine:
    def __init__(
        self, db: Database, plan: WorkerPlan, *, workers: int, hung_after: float = HUNG_AFTER
    ) -> None:
        """`hung_after`: seconds without a sign of life of a worker."""
        self._db, self._plan, self._hung_after = db, plan, hung_after
        self._slots = [_Slot(number=number) for number in range(1, workers + 1)]
        # One release for a waiting job wakes one idle worker. A killed worker cannot spoil it.
        self._waiting = _spawn.Semaphore(0)
        self._deadlines: dict[str, float] = {}
        self._forced: set[str] = set()
        self._hung: dict[str, float] = {}  # killed workers, and for how long they were silent
        self._outage = DatabaseOutage("supervisor")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        self._end_jobs_without_worker()
        for slot in self._slots:
            self._fill(slot)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        for slot in self._slots:
            self._empty(slot)
        self._end_jobs_without_worker()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def notify_job(self, job_id: str) -> None:
        self._waiting.release()

    def workers(self) -> Sequence[WorkerState]:
        return [
            WorkerState(
                name=slot.name,
                pid=slot.process.pid if slot.process else None,
                alive=slot.alive,
            )
            for slot in self._slots
        ]

    def _supervise(self) -> None:
        while not self._stopping.wait(POLL_INTERVAL):
            try:
                self._look()
                self._outage.record_success()
            except OperationalError as error:
                self._outage.record_failure(error)
                self._stopping.wait(RETRY_INTERVAL)
            except Exception:  # noqa: BLE001  # without this thread no lost job would ever end
                _log.exception("supervisor_failed")
                self._stopping.wait(RETRY_INTERVAL)

    def _look(self) -> None:
        for slot in self._slots:
            if slot.hangs(self._hung_after):
                self._hung[slot.name] = slot.patience(self._hung_after)
                self._kill(slot, "worker_hangs")
            if not slot.alive and time.monotonic() >= slot.not_before:
                self._replace(slot)
        running = self._end_jobs_without_worker()
        self._hung.clear()
        known = {job.job_id for job in running}
        self._deadlines = {one: due for one, due in self._deadlines.items() if one in known}
        self._forced &= known
        for job in running:
            if self._is_overdue(job):
                self._force(job)

    def _is_overdue(self, job: Job) -> bool:
        """By a clock that nobody sets: from when the request was first seen here."""
        if job.cancel_deadline is None or job.cancel_requested_at is None:
            return False
        patience = (job.cancel_deadline - job.cancel_requested_at).total_seconds()
        due = self._deadlines.setdefault(job.job_id, time.monotonic() + patience)
        return time.monotonic() >= due

    def _force(self, job: Job) -> None:
        """Looks once more: meanwhile the worker may have ended this job and have another one."""
        with self._db.reading() as tx:
            found = job_queries.find(tx, job.job_id)
        if found is None or found.status is not JobStatus.RUNNING:
            return
        self._forced.add(job.job_id)
        for slot in self._slots:
            if slot.name == job.worker:
                self._kill(slot, "cancel_deadline_passed", job.job_id)
        self._end_lost(job)

    def _kill(self, slot: _Slot, why: str, job_id: str | None = None) -> None:
        _log.warning(why, extra={"worker": slot.name, "job_id": job_id})
        self._empty(slot)

    def _end_jobs_without_worker(self) -> Sequence[Job]:
        """Returns the jobs that run."""
        with self._db.reading() as tx:
            running = job_queries.running(tx)
        alive = {slot.name for slot in self._slots if slot.alive}
        for job in running:
            if job.worker not in alive:
                self._end_lost(job)
        return [job for job in running if job.worker in alive]

    def _end_lost(self, job: Job) -> None:
        worker, forced = job.worker or "", job.job_id in self._forced
        with self._db.writing() as tx:
            if not lifecycle.end_cancelled(tx, job.job_id, worker, forced=forced):
                lifecycle.fail(tx, job.job_id, worker, self._why_lost(job))
        Folders(root=self._plan.data_dir).remove_work_dir(job.job_id)
        _log.warning("job_without_worker_ended", extra={"job_id": job.job_id, "worker": worker})

    def _why_lost(self, job: Job) -> EtlMonitorError:
        silence = self._hung.get(job.worker or "")
        if silence is None:
            return errors.WorkerEnded()
        return errors.WorkerHung(step=job.current_step, seconds=silence)

    def _replace(self, slot: _Slot) -> None:
        """A worker that keeps ending is started again after longer and longer pauses."""
        lived = time.monotonic() - slot.started_at
        if slot.process is not None:
            _log.warning("worker_ended", extra={"worker": slot.name, "code": slot.process.exitcode})
            self._empty(slot)
            slot.short_lives = slot.short_lives + 1 if lived < _SHORT_LIFE else 0
            slot.not_before = time.monotonic() + _BACKOFF.delay(slot.short_lives)
        if time.monotonic() >= slot.not_before:
            self._fill(slot)

    def _fill(self, slot: _Slot) -> None:
        # A name of its own for every process: no one is taken for another that had its place.
        slot.name = f"worker-{slot.number}-{uuid.uuid4().hex[:8]}"
        slot.shared, slot.signs = RawValue(SharedLiveness), 0
        given = (self._plan, slot.name, self._waiting, slot.shared)
        slot.process = _spawn.Process(target=work, args=given, name=slot.name, daemon=True)
        slot.process.start()
        slot.started_at = slot.seen_at = time.monotonic()

    def _empty(self, slot: _Slot) -> None:
        if slot.process is not None:
            slot.process.kill()
            slot.process.join()
            slot.process = None
