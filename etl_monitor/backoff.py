"""Exponential back-off: how long to wait before something is tried again.

Used for the feed's reconnects, the embedded service's restarts and the replacement of workers. The
caller counts the attempts and sets its count back to 0 after a success. The usual libraries
(tenacity, backoff, stamina) drive the retried call themselves; our callers wait on events of their
own, so that they need the number only.
"""

import random as _random
from collections.abc import Callable
from dataclasses import dataclass

_MAX_DOUBLINGS = 30  # keeps the power within a float, for any number of attempts


@dataclass(frozen=True, kw_only=True)
class Backoff:
    """Delays in seconds: `base`, doubled with each attempt, up to `cap` (or `base`, if larger).

    `jitter` moves each delay up or down by at most this part of itself, so that many clients do
    not return at the same moment.
    """

    base: float
    cap: float
    jitter: float = 0.0

    def delay(self, attempt: int, random: Callable[[], float] = _random.random) -> float:
        """Return the seconds to wait before `attempt`, counted from 1; 0 for attempt 0.

        `random` returns numbers in [0, 1).
        """
        if attempt < 1:
            return 0.0
        doublings = min(attempt - 1, _MAX_DOUBLINGS)
        grown = min(self.base * 2.0**doublings, max(self.cap, self.base))
        return grown * (1 + self.jitter * (2 * random() - 1))
