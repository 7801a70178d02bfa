"""How long to wait before the feed is tried again."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """When to try again. All times in seconds.

    The delay doubles with each attempt up to `cap` (or `interval`, if that is longer), and is
    then moved by up to `jitter` of itself, so that many portals do not come back at one moment.
    """

    interval: float = 5.0
    max_attempts: int = 5
    cap: float = 60.0
    jitter: float = 0.2
    longest_wait: float = 3600.0  # what a service may ask for with `Retry-After` or `retry:`
    shortest_wait: float = 0.1  # and the least: `retry: 0` must not make us a storm

    def delay(
        self,
        attempt: int,
        random: Callable[[], float],
        *,
        stream_retry_ms: int | None = None,
        retry_after: float | None = None,
    ) -> float:
        """Seconds before `attempt` (from 1). `random` gives numbers in [0, 1).

        The stream's own `retry:` takes the place of `interval`; a reply's `Retry-After` is the
        least that is waited.
        """
        base = self.interval if stream_retry_ms is None else self._asked(stream_retry_ms)
        grown = min(base * 2.0 ** min(attempt - 1, 30), max(self.cap, base))
        moved = grown * (1 + self.jitter * (2 * random() - 1))
        return moved if retry_after is None else max(moved, self._allowed(retry_after))

    def _asked(self, milliseconds: int) -> float:
        # Bounded before it is divided: it may have more digits than a float can hold.
        return self._allowed(min(milliseconds, int(self.longest_wait * 1000)) / 1000)

    def _allowed(self, seconds: float) -> float:
        return min(max(seconds, self.shortest_wait), self.longest_wait)
