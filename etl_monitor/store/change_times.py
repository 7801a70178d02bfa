"""When the store's last changes were made, so that one can tell how long they took to be seen."""

import threading
import time
from collections import deque

_KEPT = 4096  # changes; beyond that, what was not drawn yet counts from the oldest one kept


class ChangeTimes:
    """Safe to use from any thread. Times are those of `time.monotonic`: they belong to this process
    only, and no clock that somebody sets comes into them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: deque[tuple[int, float]] = deque(maxlen=_KEPT)

    def note(self, version: int) -> None:
        """A change was made now; with it what is known has this version."""
        with self._lock:
            self._times.append((version, time.monotonic()))

    def first_between(self, older: int, newer: int) -> float | None:
        """When the oldest change was made that `newer` has and `older` has not; None: none was."""
        with self._lock:
            times = list(self._times)
        return next((at for version, at in times if older < version <= newer), None)
