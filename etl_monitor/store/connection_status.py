"""How the feed's connection stands."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class ConnectionState(StrEnum):
    CONNECTING = "connecting"  # the first try since somebody asked to connect
    LIVE = "live"  # the list is taken and the stream is open
    RECONNECTING = "reconnecting"  # it broke; `attempt` of `max_attempts` is waiting or under way
    DISCONNECTED = "disconnected"  # nobody tries: not asked to, gave up, or refused for good


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What is known about the connection. Times are UTC.

    `reason` says by a stable code why it is not live: refused, reset, timeout, dns, tls, network,
    ended, silence, buffered, too_large, unauthorised, forbidden, no_content, wrong_content_type,
    redirect, feed_reset, other_log, gap, malformed, not_a_service, reply_too_large, stopped,
    internal_error, or http_ with the status. `message` is the technical part in English.
    """

    state: ConnectionState = ConnectionState.DISCONNECTED
    attempt: int = 0
    max_attempts: int = 0
    next_try_at: datetime | None = None  # None while a try is under way
    last_event_at: datetime | None = None
    last_received_at: datetime | None = None  # any byte of the feed, heartbeats included
    reason: str | None = None
    message: str | None = None

    @property
    def is_live(self) -> bool:
        return self.state is ConnectionState.LIVE

    def same_state(self, other: "Connection") -> bool:
        """Whether nothing but the times of the last signs of life differs."""
        return self == replace(
            other, last_event_at=self.last_event_at, last_received_at=self.last_received_at
        )
