"""The engine of one machine: worker processes, and the thread that supervises them.

It also supervises the processes of one worker of Celery (`node.py`), whose jobs it then sees only.

A few times per second the thread restarts workers that have ended, ends the jobs of workers that
are gone, and kills workers that are hung or still run a job after its cancel deadline.
"""

import logging
import threading
import time
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from etl_monitor.errors import EtlMonitorError
from etl_monitor.service import errors
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.lost_jobs import end_lost_job, error_of_exit
from etl_monitor.service.engines.nodes import node_of
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.engines.worker_slot import WorkerSlot, make_semaphore
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import RETRY_INTERVAL, DatabaseOutage
from etl_monitor.wire.job import Job, JobStatus

POLL_INTERVAL = 0.2  # seconds
HUNG_AFTER = 45.0  # seconds

_pause = threading.Event()

_log = logging.getLogger(__name__)


class LocalEngine:
    def __init__(
        self,
        db: Database,
        plan: WorkerPlan,
        *,
        workers: int,
        hung_after: float = HUNG_AFTER,
        stop_grace: float = 0.0,
    ) -> None:
        """`hung_after`: seconds without a sign of life after which a worker counts as hung.
        `stop_grace`: seconds that running jobs get to finish when the engine stops."""
        self._db, self._hung_after, self._stop_grace = db, hung_after, stop_grace
        self._folders, self._node = plan.folders, plan.node
        self._pending = make_semaphore()
        self.slots = [
            WorkerSlot(number=number, plan=plan, pending=self._pending)
            for number in range(1, workers + 1)
        ]
        self._deadlines: dict[str, float] = {}  # by job id, of the monotonic clock
        self._forced: set[str] = set()  # ids of jobs whose workers were killed to cancel them
        self._hung: dict[str, float] = {}  # seconds of silence, by killed worker
        self._outage = DatabaseOutage("supervisor")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name="supervisor", daemon=True)

    def start(self) -> None:
        self._end_lost_jobs()
        for slot in self.slots:
            slot.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        try:
            self._drain()
        finally:
            for slot in self.slots:
                slot.kill()
        self._requeue_jobs()
        self._end_lost_jobs()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def problem(self) -> str | None:
        return None

    @property
    def is_routed(self) -> bool:
        return False

    def notify_job(self, job_id: str) -> None:
        self._pending.release()

    def workers(self) -> Sequence[WorkerState]:
        return [slot.state for slot in self.slots]

    def _drain(self) -> None:
        for slot in self.slots:
            slot.drain()
        until = time.monotonic() + self._stop_grace
        while time.monotonic() < until and self._running_jobs():
            _pause.wait(POLL_INTERVAL)

    def _requeue_jobs(self) -> None:
        for job in self._running_jobs():
            with self._db.writing() as tx:
                is_queued = lifecycle.requeue(tx, job.job_id, job.worker or "")
            if is_queued:
                self._folders.remove_work_dir(job.job_id)
                _log.info("job_requeued", extra={"job_id": job.job_id, "worker": job.worker})

    def _running_jobs(self) -> Sequence[Job]:
        with self._db.reading() as tx:
            running = job_queries.running(tx)
        return [job for job in running if not self._node or node_of(job.worker) == self._node]

    def _supervise(self) -> None:
        while not self._stopping.wait(POLL_INTERVAL):
            try:
                self._check()
                self._outage.record_success()
            except OperationalError as error:
                self._outage.record_failure(error)
                self._stopping.wait(RETRY_INTERVAL)
            except Exception:  # noqa: BLE001  # without this thread no lost job would ever end
                _log.exception("supervisor_failed")
                self._stopping.wait(RETRY_INTERVAL)

    def _check(self) -> None:
        for slot in self.slots:
            if slot.is_hung(self._hung_after):
                self._hung[slot.name] = slot.silence_limit(self._hung_after)
                _kill(slot, "worker_hung")
            slot.restart_if_due()
        running = self._end_lost_jobs()
        self._hung.clear()
        self._forget_all_but({job.job_id for job in running})
        for job in running:
            if self._is_overdue(job):
                self._force(job)

    def _forget_all_but(self, job_ids: set[str]) -> None:
        self._deadlines = {key: due for key, due in self._deadlines.items() if key in job_ids}
        self._forced &= job_ids

    def _is_overdue(self, job: Job) -> bool:
        """Measured by the monotonic clock, from when this engine first saw the cancel request."""
        if job.cancel_deadline is None or job.cancel_requested_at is None:
            return False
        allowed = (job.cancel_deadline - job.cancel_requested_at).total_seconds()
        due = self._deadlines.setdefault(job.job_id, time.monotonic() + allowed)
        return time.monotonic() >= due

    def _force(self, job: Job) -> None:
        """Kill the job's worker and end the job.

        Reads the job again first: its worker may have ended it and have claimed another one.
        """
        with self._db.reading() as tx:
            current = job_queries.find(tx, job.job_id)
        if current is None or current.status is not JobStatus.RUNNING:
            return
        self._forced.add(job.job_id)
        for slot in self.slots:
            if slot.name == job.worker:
                _kill(slot, "cancel_deadline_passed", job.job_id)
        self._end_lost(job)

    def _end_lost_jobs(self) -> Sequence[Job]:
        """End the jobs whose worker is gone. Returns the jobs that still run.

        One that has just ended counts as there: the next check records how it ended.
        """
        running = self._running_jobs()
        there = {slot.name for slot in self.slots if slot.is_taken}
        for job in running:
            if job.worker not in there:
                self._end_lost(job)
        return [job for job in running if job.worker in there]

    def _end_lost(self, job: Job) -> None:
        is_forced = job.job_id in self._forced
        end_lost_job(self._db, self._folders, job, self._loss(job), forced=is_forced)

    def _loss(self, job: Job) -> EtlMonitorError:
        silence = self._hung.get(job.worker or "")
        if silence is not None:
            return errors.WorkerHung(step=job.current_step, seconds=silence)
        return error_of_exit(job, (slot.last_exit for slot in self.slots if slot.last_exit))


def _kill(slot: WorkerSlot, event: str, job_id: str | None = None) -> None:
    _log.warning(event, extra={"worker": slot.name, "job_id": job_id})
    slot.kill()
