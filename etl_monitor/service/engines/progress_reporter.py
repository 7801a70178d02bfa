"""Turn a step's reports into the job's progress, which never decreases, at a limited rate."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from etl_monitor.pipeline.base import Step
from etl_monitor.service.border.handover import Handover, plain_log_line
from etl_monitor.service.engines.estimator import Estimator
from etl_monitor.service.engines.liveness import Liveness
from etl_monitor.service.jobs import eta, lifecycle, log
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage, wait_for_database
from etl_monitor.wire.job import Job, LogLine

WRITE_INTERVAL = 0.2  # seconds; a job makes at most five events per second
HEARTBEAT_INTERVAL = 5.0  # seconds


class ProgressReporter:
    """The `Report` that steps get.

    A thread calls `beat`, which writes what the newest report has left unwritten, and a heartbeat
    if there were signs of life since the last one; a lock serialises it with the reports. A step
    does not fail while the database is unavailable: progress reports of that time are dropped, log
    lines are written later.
    """

    def __init__(
        self,
        db: Database,
        job: Job,
        worker: str,
        steps: Sequence[Step],
        *,
        writes: DatabaseOutage,
        liveness: Liveness | None = None,
    ) -> None:
        self._db, self._job_id, self._worker, self._steps = db, job.job_id, worker, steps
        self._liveness = liveness or Liveness()
        self._reported_signs = self._liveness.signs
        self._lock = threading.Lock()
        self._index = 0  # of the step, from 1
        self._is_written = True  # the newest report and log line
        self._rows: tuple[int, int | None] | None = None  # done, total if it is known
        self._highest = 0  # percent reported so far
        self._written_at = time.monotonic()
        self._lines: deque[LogLine] = deque(maxlen=log.MAX_LINES)
        self._writes = writes
        with db.reading() as tx:
            past = eta.past_jobs(tx, job.test_kind or "")
        self._estimator = Estimator([step.name for step in steps], past)

    @property
    def step(self) -> str:
        """The name of the step that runs."""
        return self._steps[self._index - 1].name

    def begin(self, index: int) -> None:
        """Begin a step. Until its first report it has as many rows as the step before it."""
        with self._lock:
            self._index = index
            self._estimator.begin(index)
            self._rows = (0, self._rows[1]) if self._rows else None
            self._write()

    def end(self) -> None:
        """End a step, counting all of its rows as done even if it reported fewer."""
        with self._lock:
            done, total = self._rows or (0, 0)
            if done != total:
                all_rows = done if total is None else total
                self._rows = (all_rows, all_rows)
                self._write()

    def __call__(self, rows_done: int, rows_total: int | None) -> None:
        with self._liveness.own_code(), self._lock:
            self._rows = Handover(step=self.step).rows(rows_done, rows_total)
            self._is_written = False
            if self._rows[0] == self._rows[1] or self._is_due(WRITE_INTERVAL):
                self._write()

    def log(
        self,
        message: str,
        level: str = "info",
        *,
        code: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        line = plain_log_line(message, level, code, details)
        with self._liveness.own_code(), self._lock:
            self._lines.append(line)
            self._is_written = False
            if self._index and self._is_due(WRITE_INTERVAL):
                self._write()

    def flush(self) -> None:
        """Write the log lines not written yet. The job's state stays as it is."""

        def write() -> None:
            with self._db.writing() as tx:
                log.write(tx, self._job_id, tuple(self._lines))

        with self._lock:
            wait_for_database(write, self._writes)
            self._lines.clear()
            self._is_written = True

    def beat(self) -> None:
        with self._lock:
            if self._index and not self._is_written and self._is_due(WRITE_INTERVAL):
                self._write()  # no report came since that would have written it
            signs = self._liveness.signs
            if signs != self._reported_signs and self._is_due(HEARTBEAT_INTERVAL):
                self._reported_signs = signs
                self._try(lambda tx: lifecycle.heartbeat(tx, self._job_id, self._worker))

    def _is_due(self, every: float) -> bool:
        return time.monotonic() - self._written_at >= every

    def _write(self) -> None:
        progress = self._progress()

        def write(tx: Connection) -> None:
            lifecycle.advance(tx, self._job_id, self._worker, progress)
            log.write(tx, self._job_id, tuple(self._lines))

        if self._try(write):
            self._lines.clear()
            self._is_written = True

    def _try(self, write: Callable[[Connection], object]) -> bool:
        try:
            with self._db.writing() as tx:
                write(tx)
        except OperationalError as error:
            self._writes.record_failure(error)
            return False
        finally:
            self._written_at = time.monotonic()
        self._writes.record_success()
        return True

    def _progress(self) -> lifecycle.Progress:
        done, total = self._rows or (None, None)
        expected = self._estimator.estimate(self._rows)
        return lifecycle.Progress(
            current_step=self.step,
            step_index=self._index,
            progress=self._percentage(),
            rows_done=done,
            rows_total=total,
            estimated_completion=expected.usual if expected else None,
            eta_earliest=expected.earliest if expected else None,
            eta_latest=expected.latest if expected else None,
        )

    def _percentage(self) -> int:
        """Return the percentage by the steps' weights, at most 99: only a completed job has 100."""
        weights = [step.weight for step in self._steps]
        done, total = self._rows or (0, 0)
        current = weights[self._index - 1] * done / total if total else 0.0
        share = (sum(weights[: self._index - 1]) + current) / (sum(weights) or 1.0)
        self._highest = max(self._highest, min(99, int(100 * share)))
        return self._highest
