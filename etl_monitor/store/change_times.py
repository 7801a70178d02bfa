"""When the store's last changes were made, to measure how long they took to reach a screen."""

import threading
import time
from collections import deque

_MAX_CHANGES = 4096  # beyond that, what was not drawn yet counts from the oldest recorded change


class ChangeTimes:
    """Thread-safe. Times are those of `time.monotonic`: they are valid in this process only, and
    changes of the system clock do not affect them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: deque[tuple[int, float]] = deque(maxlen=_MAX_CHANGES)
        self._found: tuple[int, int, float | None] = (0, 0, None)  # what the last page asked for

    def record(self, version: int) -> None:
        """Record a change that was made now and led to `version`."""
        with self._lock:
            self._times.append((version, time.monotonic()))

    def first_between(self, older: int, newer: int) -> float | None:
        """Return the time of the oldest change that `newer` has and `older` has not, or None."""
        with self._lock:
            if self._found[:2] != (older, newer):
                between = (at for version, at in self._times if older < version <= newer)
                self._found = (older, newer, next(between, None))
            return self._found[2]
