"""How often what happened, by name: for figures, not for decisions."""

import threading
from collections import Counter
from collections.abc import Mapping

_MOST = 200  # names; whatever else comes is counted as one


class Tally:
    """Safe to use from any thread. Memory is bounded, whatever names a foreign service invents."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, ...]] = Counter()

    def add(self, *name: str) -> None:
        with self._lock:
            known = name in self._counts or len(self._counts) < _MOST
            self._counts[name if known else ("other",) * len(name)] += 1

    def counts(self) -> Mapping[tuple[str, ...], int]:
        with self._lock:
            return dict(self._counts)
