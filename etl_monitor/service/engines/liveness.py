"""A worker's signs of life, in memory that it shares with the supervisor (`local.py`).

While the worker runs its own code, a thread counts signs; whatever that code waits for, such as a
locked database, is bounded. A step's code is not the worker's own and may wait forever. While it
runs the thread pauses, and only the step's calls count: a progress report, a log line or a check
for cancellation. So the supervisor finds a step that hangs, whatever it waits for.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import Structure, c_bool, c_char, c_double, c_ulong

BEAT_INTERVAL = 0.5  # seconds
_ID_LENGTH = 36  # bytes

_pause = threading.Event()


class SharedLiveness(Structure):
    """The memory shared between the two processes."""

    _fields_ = [  # the name that ctypes prescribes
        ("signs", c_ulong),  # a changed number is a sign of life
        ("longest_silence", c_double),  # seconds without a sign that the running step may need
        ("draining", c_bool),  # set by the supervisor: the worker takes no further job
        ("jobs", c_ulong),  # how many jobs the worker has begun
        ("in_step", c_bool),  # a step's code runs
        ("turns", c_ulong),  # how many turns the worker has ended, with or without a job
        ("job_id", c_char * _ID_LENGTH),  # of the job of the current or last turn, if it had one
    ]


class Liveness:
    """The worker's side. Thread-safe: a step may report from threads of its own."""

    def __init__(self, shared: SharedLiveness | None = None) -> None:
        self._shared = shared or SharedLiveness()
        self._lock = threading.Lock()
        self._own = 1  # how many threads run the worker's own code

    @property
    def signs(self) -> int:
        return int(self._shared.signs)

    def start(self) -> None:
        threading.Thread(target=self._beat, name="liveness", daemon=True).start()

    @contextmanager
    def step(self, longest_silence: float) -> Iterator[None]:
        """Run a step's code in this block."""
        self._shared.longest_silence = longest_silence
        self._shared.in_step = True
        self._count(-1)
        try:
            yield
        finally:
            self._count(+1)
            self._shared.in_step = False
            self._shared.longest_silence = 0.0

    def begin_turn(self) -> None:
        self._shared.job_id = b""

    def begin_job(self, job_id: str) -> None:
        self._shared.job_id = job_id.encode()[:_ID_LENGTH]
        self._shared.jobs += 1

    def end_turn(self) -> None:
        self._shared.turns += 1

    @contextmanager
    def own_code(self) -> Iterator[None]:
        """Run the worker's code that a step has called in this block."""
        self._count(+1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._own += change
            self._shared.signs += 1

    def _beat(self) -> None:
        while True:
            with self._lock:
                if self._own:
                    self._shared.signs += 1
            _pause.wait(BEAT_INTERVAL)
