"""How long news took from the follower to one person's screen, measured and not guessed.

It begins when this process has read an event from the feed and the store has changed, and ends
when the browser has painted it. A drawing that shows several changes counts from the oldest of
them. The browser tells a while later, and how long ago by its own stopwatch it had drawn, so that
two clocks are never compared; what the report takes to get here is part of the figure, which so is
an upper bound.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from prometheus_client import Histogram

_UNDERWAY = 500  # drawings of which a browser has not told yet
_KEPT = 1000  # the newest drawings are what is told

EVENT_TO_SCREEN = Histogram(
    "etl_monitor_event_to_screen_seconds",
    "From an event of the feed until a browser had painted it.",
    buckets=(0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


@dataclass(frozen=True, kw_only=True)
class Delays:
    """Seconds that half, and 95 of 100, of `count` drawings took at most."""

    p50: float
    p95: float
    count: int


class Latency:
    """Of one session. Pages draw in one thread, browsers tell in another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._began: OrderedDict[int, float] = OrderedDict()
        self._took: deque[float] = deque(maxlen=_KEPT)

    def record_sent(self, changed_at: float | None) -> int | None:
        """A drawing goes out that shows changes since `changed_at` (of `time.monotonic`). Returns
        the number by which the browser tells of it; None: it shows nothing new."""
        if changed_at is None:
            return None
        with self._lock:
            self._number += 1
            self._began[self._number] = changed_at
            if len(self._began) > _UNDERWAY:
                self._began.popitem(last=False)
            return self._number

    def record_painted(self, report: Any) -> None:
        """Take a browser's report: pairs of a drawing's number and the milliseconds since it. What
        is no such thing, or cannot be, is left out."""
        now = time.monotonic()
        with self._lock:
            for one in report if isinstance(report, list) else ():
                if _is_pair(one) and one[0] in self._began:
                    self._take(now - self._began.pop(one[0]) - one[1] / 1000)

    def _take(self, took: float) -> None:
        if took >= 0:
            self._took.append(took)
            EVENT_TO_SCREEN.observe(took)

    @property
    def delays(self) -> Delays | None:
        """None: nothing was drawn yet."""
        with self._lock:
            took = list(self._took)
        if not took:
            return None
        at = _percentiles(took)
        return Delays(p50=at[49], p95=at[94], count=len(took))


def _percentiles(values: Sequence[float]) -> list[float]:
    if len(values) == 1:
        return [values[0]] * 99
    return quantiles(values, n=100, method="inclusive")


def _is_pair(one: Any) -> bool:
    return (
        isinstance(one, list)
        and len(one) == 2
        and isinstance(one[0], int)
        and isinstance(one[1], int | float)
        and one[1] >= 0
    )
