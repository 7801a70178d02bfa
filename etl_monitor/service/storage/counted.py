"""What was counted in blocks of rows, in the memory of this process."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping

Counts = tuple[int, ...]

_MOST = 50_000  # blocks: about 10 MB


class CountedBlocks:
    """Counts by name and by the stamp of the block. Thread-safe; those that were not used for the
    longest time go first."""

    def __init__(self, most: int = _MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._counts: OrderedDict[tuple[str, int], Counts] = OrderedDict()

    def get(self, name: str, stamps: Iterable[int]) -> Mapping[int, Counts]:
        with self._lock:
            found = {stamp: self._counts.get((name, stamp)) for stamp in stamps}
            counted = {stamp: counts for stamp, counts in found.items() if counts is not None}
            for stamp in counted:
                self._counts.move_to_end((name, stamp))
        return counted

    def put(self, name: str, counts: Mapping[int, Counts]) -> None:
        with self._lock:
            for stamp, counted in counts.items():
                self._counts[name, stamp] = counted
            while len(self._counts) > self._most:
                self._counts.popitem(last=False)

    def clear(self) -> None:
        """Forget all, as after a start."""
        with self._lock:
            self._counts.clear()


COUNTED = CountedBlocks()
"""Stamps are random, so all databases of a process share it."""
