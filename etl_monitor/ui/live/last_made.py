"""What was made last for each key, for drawings that show it again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class LastMade(Generic[T]):
    """Safe to use from any thread. Unlike a cache by arguments, it has no more than one value for a
    key: what it was made of before is not held in memory."""

    def __init__(self, max_keys: int) -> None:
        """The least recently used key is dropped first."""
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._made: OrderedDict[Hashable, tuple[Hashable, T]] = OrderedDict()

    def get(self, key: Hashable, basis: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for this key, if it was of an equal `basis`; else make it."""
        with self._lock:
            last = self._made.get(key)
            if last is not None and last[0] == basis:
                self._made.move_to_end(key)
                return last[1]
        made = make()
        with self._lock:
            self._made[key] = (basis, made)
            self._made.move_to_end(key)
            while len(self._made) > self._max_keys:
                self._made.popitem(last=False)
        return made
