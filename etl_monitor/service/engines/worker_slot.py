"""One of an engine's places for a worker, and the process that fills it."""

import logging
import multiprocessing
import threading
import time
import uuid
from dataclasses import dataclass, field
from multiprocessing.context import SpawnProcess
from multiprocessing.sharedctypes import RawValue
from multiprocessing.synchronize import Semaphore

from etl_monitor.backoff import Backoff
from etl_monitor.service.engines import nodes
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.liveness import SharedLiveness
from etl_monitor.service.engines.process_group import end_group
from etl_monitor.service.engines.worker import WorkerPlan, work

_STARTUP_TIMEOUT = 120.0  # seconds until the first sign of life; a busy machine may need some
_SHORT_LIFE = 5.0  # seconds; a worker that ends sooner is restarted only after a pause
_TURN_POLL = 0.02  # seconds between two looks whether a turn has ended
_BACKOFF = Backoff(base=0.5, cap=30.0)

_pause = threading.Event()
_log = logging.getLogger(__name__)
_spawn = multiprocessing.get_context("spawn")


def make_semaphore() -> Semaphore:
    """Make the semaphore that is released once for each pending job, to wake one idle worker.

    A worker that is killed while it waits leaves it usable.
    """
    return _spawn.Semaphore(0)


@dataclass(frozen=True, kw_only=True)
class WorkerExit:
    worker: str
    code: int  # negative: the signal
    in_step: bool  # while a step's code ran


@dataclass(kw_only=True)
class WorkerSlot:
    """Starts a worker, restarts it when it ends, and measures how long it has been silent."""

    number: int
    plan: WorkerPlan
    pending: Semaphore
    name: str = ""  # of the worker
    _process: SpawnProcess | None = None
    _started_at: float = 0.0
    last_exit: WorkerExit | None = None  # of the worker before this one, if it ended by itself
    _short_lives: int = 0  # in a row, without a job
    _not_before: float = 0.0  # when the next start is due
    _shared: SharedLiveness = field(default_factory=lambda: RawValue(SharedLiveness))
    _signs: int = 0  # of life, as last read
    _changed_at: float = 0.0  # when that number last changed

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.is_alive()

    @property
    def is_taken(self) -> bool:
        """Whether there is a worker, or one that has ended and whose exit is not recorded yet."""
        return self._process is not None

    @property
    def state(self) -> WorkerState:
        pid = self._process.pid if self._process else None
        return WorkerState(name=self.name, pid=pid, alive=self.alive)

    def silence_limit(self, hung_after: float) -> float:
        """Return how many seconds the worker may be silent now."""
        return max(hung_after, self._shared.longest_silence) if self._signs else _STARTUP_TIMEOUT

    def is_hung(self, hung_after: float) -> bool:
        """Measured by the monotonic clock, which cannot be set and stops while the machine
        sleeps."""
        if self._shared.signs != self._signs:
            self._signs, self._changed_at = self._shared.signs, time.monotonic()
        silence = time.monotonic() - self._changed_at
        return self.alive and silence > self.silence_limit(hung_after)

    def start(self) -> None:
        # Each process gets a new name, so that it is never taken for a predecessor in its slot.
        self.name = nodes.worker_name(self.number, uuid.uuid4().hex[:8], self.plan.node)
        self._shared, self._signs = RawValue(SharedLiveness), 0
        if self.plan.node:
            self.pending = make_semaphore()  # a turn that its predecessor was given is over
        arguments = (self.plan, self.name, self.pending, self._shared)
        process = _spawn.Process(target=work, args=arguments, name=self.name, daemon=True)
        process.start()
        self._started_at = self._changed_at = time.monotonic()
        self._process = process

    def restart_if_due(self) -> None:
        """Restart a worker that has ended. One that keeps ending before it has had a job is
        restarted ever less often."""
        if self.alive:
            return
        if self._process is not None:
            self._record_exit(self._process)
        if time.monotonic() >= self._not_before:
            self.start()

    def take_turn(self) -> bool:
        """Let the worker run the next job, and wait until it has. For a worker of Celery.

        Returns False if the worker does not run or ends before its turn does.
        """
        process, shared = self._process, self._shared
        if process is None:
            return False
        before = shared.turns
        self.pending.release()
        while self._process is process and shared.turns == before:
            _pause.wait(_TURN_POLL)
        return bool(shared.turns != before)

    @property
    def job_of_turn(self) -> str:
        """The id of the job of the last turn; "" if none was pending."""
        return bytes(self._shared.job_id).decode()

    def drain(self) -> None:
        """Let the worker finish its job and take no other. It ends then."""
        self._shared.draining = True

    def kill(self) -> None:
        """End the worker, and all processes that its jobs have started."""
        if self._process is not None:
            self._process.kill()
            end_group(self.name, self._process.pid or 0)
            self._process.join()
            self._process = None

    def _record_exit(self, process: SpawnProcess) -> None:
        level = logging.WARNING if process.exitcode else logging.INFO
        _log.log(level, "worker_exited", extra={"worker": self.name, "code": process.exitcode})
        self.last_exit = WorkerExit(
            worker=self.name, code=process.exitcode or 0, in_step=self._shared.in_step
        )
        lived = time.monotonic() - self._started_at
        self.kill()
        if self._shared.jobs:  # whatever ended it ended its job as well
            self._short_lives, self._not_before = 0, 0.0
        else:
            self._short_lives = self._short_lives + 1 if lived < _SHORT_LIFE else 0
            self._not_before = time.monotonic() + _BACKOFF.delay(self._short_lives)
