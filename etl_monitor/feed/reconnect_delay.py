"""How long the follower waits before it reconnects: the back-off, and what the service asks for.

Which failures are retried is decided in `reply_status.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from etl_monitor.backoff import Backoff


@dataclass(frozen=True, kw_only=True)
class ReconnectDelay:
    """All times in seconds. The delay starts at `interval` and grows as `Backoff` says."""

    interval: float = 5.0
    max_attempts: int = 5
    cap: float = 60.0
    jitter: float = 0.2
    max_requested: float = 3600.0  # bound on what a service requests (`Retry-After`, `retry:`)
    min_requested: float = 0.1  # `retry: 0` must not cause a storm of requests

    def delay(
        self,
        attempt: int,
        random: Callable[[], float],
        *,
        stream_retry_ms: int | None = None,
        retry_after: float | None = None,
    ) -> float:
        """Return the seconds to wait before `attempt`, counted from 1.

        The stream's `retry:` field (`stream_retry_ms`) replaces `interval`; a reply's `Retry-After`
        is a lower bound. `random` returns numbers in [0, 1).
        """
        base = self.interval if stream_retry_ms is None else self._from_stream(stream_retry_ms)
        backoff = Backoff(base=base, cap=self.cap, jitter=self.jitter)
        delay = backoff.delay(attempt, random)
        return delay if retry_after is None else max(delay, self._bounded(retry_after))

    def _from_stream(self, milliseconds: int) -> float:
        # Bounded before the division: it may have more digits than a float can hold.
        return self._bounded(min(milliseconds, int(self.max_requested * 1000)) / 1000)

    def _bounded(self, seconds: float) -> float:
        return min(max(seconds, self.min_requested), self.max_requested)
