"""A worker's signs of life, in memory that the supervisor looks into.

In the worker's own code the pulse counts on by itself, from a thread: what may last there, such as
waiting for a locked database, is bounded there. A step's code is not ours. While it runs nobody
speaks for it: only what it says counts, a report, a line for the log, or a look whether somebody
asked to cancel. So a step that waits for ever is found, whatever it waits for.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import Structure, c_double, c_ulong

PULSE_INTERVAL = 0.5  # seconds

_pause = threading.Event()


class SharedLiveness(Structure):
    """Shared between the two processes."""

    _fields_ = [  # ctypes wants it so
        ("signs", c_ulong),  # any other number than before is a sign of life
        ("patience", c_double),  # seconds of silence that the running step has asked for
    ]


class Liveness:
    """Safe to use from any thread: a step may report from threads of its own."""

    def __init__(self, shared: SharedLiveness | None = None) -> None:
        self._vitals = shared or SharedLiveness()
        self._lock = threading.Lock()
        self._ours = 1  # in how many places our own code runs

    @property
    def signs(self) -> int:
        return int(self._vitals.signs)

    def start(self) -> None:
        threading.Thread(target=self._speak, name="pulse", daemon=True).start()

    @contextmanager
    def step(self, longest_silence: float) -> Iterator[None]:
        """A step's own code runs in here."""
        self._vitals.patience = longest_silence
        self._enter(-1)
        try:
            yield
        finally:
            self._enter(+1)
            self._vitals.patience = 0.0

    @contextmanager
    def own_code(self) -> Iterator[None]:
        """The step has called us."""
        self._enter(+1)
        try:
            yield
        finally:
            self._enter(-1)

    def _enter(self, change: int) -> None:
        with self._lock:
            self._ours += change
            self._vitals.signs += 1

    def _speak(self) -> None:
        while True:
            with self._lock:
                if self._ours:
                    self._vitals.signs += 1
            _pause.wait(PULSE_INTERVAL)
