"""How long a change takes from the follower to one person's screen, as measured.

The time starts when this process has read an event from the feed and the store has changed, and
ends when the browser has painted it. An update that shows several changes counts from the oldest.
The browser reports later, with the time since painting by its own clock, so that two clocks are
never compared. The report's own travel time is included: the values are upper bounds.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from prometheus_client import Histogram

_MAX_PENDING = 500  # updates that no browser has reported yet
_MAX_SAMPLES = 1000  # the newest reported updates

EVENT_TO_SCREEN = Histogram(
    "etl_monitor_event_to_screen_seconds",
    "From an event of the feed until a browser had painted it.",
    buckets=(0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)


@dataclass(frozen=True, kw_only=True)
class Delays:
    """The median and the 95th percentile of `count` delays, in seconds."""

    p50: float
    p95: float
    count: int


class Latency:
    """The delays of one session. Thread-safe: pages and reports run in different threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._pending: OrderedDict[int, float] = OrderedDict()  # number → time of the change
        self._delays: deque[float] = deque(maxlen=_MAX_SAMPLES)

    def record_sent(self, changed_at: float | None) -> int | None:
        """Record an update that shows changes since `changed_at` (of `time.monotonic`).

        Return the number by which the browser reports it, or None if it shows nothing new.
        """
        if changed_at is None:
            return None
        with self._lock:
            self._number += 1
            self._pending[self._number] = changed_at
            if len(self._pending) > _MAX_PENDING:
                self._pending.popitem(last=False)
            return self._number

    def record_painted(self, report: Any) -> None:
        """Record a browser's report: pairs of an update's number and the milliseconds since it was
        painted. Anything else is ignored."""
        now = time.monotonic()
        with self._lock:
            for pair in report if isinstance(report, list) else ():
                if _is_valid(pair) and pair[0] in self._pending:
                    self._add(now - self._pending.pop(pair[0]) - pair[1] / 1000)

    def _add(self, delay: float) -> None:
        if delay >= 0:
            self._delays.append(delay)
            EVENT_TO_SCREEN.observe(delay)

    @property
    def delays(self) -> Delays | None:
        """None if nothing was painted yet."""
        with self._lock:
            delays = list(self._delays)
        if not delays:
            return None
        percentiles = _percentiles(delays)
        return Delays(p50=percentiles[49], p95=percentiles[94], count=len(delays))


def _percentiles(values: Sequence[float]) -> list[float]:
    if len(values) == 1:
        return [values[0]] * 99
    return quantiles(values, n=100, method="inclusive")


def _is_valid(pair: Any) -> bool:
    return (
        isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], int)
        and isinstance(pair[1], int | float)
        and pair[1] >= 0
    )
