"""Turns of those who write one SQLite file, in this process and in others.

SQLite's lock is not fair: who has just written takes it again before the others have woken up, for
seconds. With these no writer waits long, and yet one may write several times in a row, which is
faster.
"""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":  # where the processes share SQLite's own lock
    import fcntl

_CLOSES_AFTER = 0.15  # seconds in which others may write in between
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0005, 0.03  # seconds between two attempts


class ProcessTurns:
    """Of processes that write one file. One thread of each process waits at a time."""

    def __init__(self, database: str | None) -> None:
        """`database`: the path of the file; None or empty if it is in memory only."""
        self._gate, self._turn = (_FileLock(database, suffix) for suffix in ("-gate", "-turn"))

    @contextmanager
    def take(self, timeout: float) -> Iterator[bool]:
        """Wait for the turn, at most so long. Yields whether it came."""
        is_taken = self._wait(timeout)
        try:
            yield is_taken
        finally:
            if is_taken:
                self._turn.release()

    def close(self) -> None:
        self._gate.close()
        self._turn.close()

    def _wait(self, timeout: float) -> bool:
        """Who has waited long closes the gate, through which all others have to come."""
        began, is_closed, pause = time.monotonic(), False, _FIRST_PAUSE
        try:
            while True:
                waited = time.monotonic() - began
                is_closed = is_closed or (waited >= _CLOSES_AFTER and self._gate.try_acquire())
                if self._turn.try_acquire() if is_closed else self._passes():
                    return True
                if waited >= timeout:
                    return False
                time.sleep(_FIRST_PAUSE if is_closed else pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        finally:
            if is_closed:
                self._gate.release()

    def _passes(self) -> bool:
        """Return whether the turn is free, and the gate open."""
        if not self._gate.try_acquire(shared=True):
            return False
        try:
            return self._turn.try_acquire()
        finally:
            self._gate.release()


class FirstComeLock:
    """A lock that threads get in the order in which they came."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Return whether it was free within so many seconds."""
        with self._mutex:
            if not self._is_taken:
                self._is_taken = True
                return True
            ticket = threading.Lock()
            ticket.acquire()
            self._waiting.append(ticket)
        if ticket.acquire(timeout=timeout):
            return True
        with self._mutex:
            if ticket not in self._waiting:  # it came at the last moment
                return True
            self._waiting.remove(ticket)
        return False

    def release(self) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False


class _FileLock:
    """A lock between processes. Always free where the system or the disk has none."""

    def __init__(self, database: str | None, suffix: str) -> None:
        has_lock = bool(database) and sys.platform != "win32"
        self._path = Path(f"{database}{suffix}") if has_lock else None
        self._file: int | None = None

    def try_acquire(self, *, shared: bool = False) -> bool:
        if self._path is None:
            return True
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(self._file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            self._path = None
        return True

    def release(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
