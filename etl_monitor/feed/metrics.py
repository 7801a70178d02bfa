"""What one follower counts for Prometheus: events, breaks and reconnects."""

from prometheus_client import Counter

_MAX_REASONS = 200  # label values; further ones count as `other`
_OTHER = "other"


class FeedMetrics:
    """The counters of one follower, in no registry: a process may have several followers.

    Only the follower's thread counts; any thread may read. The label values are bounded: `kind`
    by the names of events that are understood, `reason` here, as it may hold any HTTP status.
    """

    def __init__(self) -> None:
        self.events = Counter(
            "etl_monitor_feed_events", "Events of the feed by name.", ["kind"], registry=None
        )
        self.breaks = Counter(
            "etl_monitor_feed_breaks",
            "Connections of the feed that broke or could not be made, by reason.",
            ["reason"],
            registry=None,
        )
        self.reconnects = Counter(
            "etl_monitor_feed_reconnects",
            "Connections of the feed that were live again, by the reason of the break.",
            ["reason"],
            registry=None,
        )
        self._reasons: set[str] = set()

    def count_event(self, kind: str, number: int = 1) -> None:
        self.events.labels(kind).inc(number)

    def count_break(self, reason: str) -> None:
        self.breaks.labels(self._bounded(reason)).inc()

    def count_reconnect(self, reason: str) -> None:
        """Count a connection that is live again; `reason` is that of the break before it."""
        self.reconnects.labels(self._bounded(reason)).inc()

    def _bounded(self, reason: str) -> str:
        if reason not in self._reasons and len(self._reasons) >= _MAX_REASONS:
            return _OTHER
        self._reasons.add(reason)
        return reason
