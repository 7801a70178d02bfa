"""The state of the feed's connection."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class ConnectionState(StrEnum):
    CONNECTING = "connecting"  # the first attempt since `connect`
    LIVE = "live"  # the list is loaded and the stream is open
    RECONNECTING = "reconnecting"  # it broke; `attempt` of `max_attempts` waits or is under way
    DISCONNECTED = "disconnected"  # not requested, given up, or refused for good


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What is known about the connection. Times are in UTC.

    `reason` is a stable code that says why it is not live: refused, reset, timeout, dns, tls,
    encoding, network, ended, silence, buffered, too_large, unauthorised, forbidden, no_content,
    redirect, wrong_content_type, feed_reset, other_log, gap, malformed, not_a_service, web_page,
    sign_in_page, other_version, too_many_records, reply_too_large, compressed, stopped,
    internal_error, or http_ with the status. `message` has the technical details in English.
    """

    state: ConnectionState = ConnectionState.DISCONNECTED
    attempt: int = 0
    max_attempts: int = 0
    next_try_at: datetime | None = None  # None while an attempt is under way
    last_event_at: datetime | None = None
    last_received_at: datetime | None = None  # any byte of the feed, heartbeats included
    reason: str | None = None
    message: str | None = None
    clock_offset: timedelta = timedelta()  # of the service: its clock minus ours, from a minute on

    @property
    def is_live(self) -> bool:
        return self.state is ConnectionState.LIVE

    def same_state(self, other: "Connection") -> bool:
        """Whether only the times at which something was received differ."""
        return self == replace(
            other, last_event_at=self.last_event_at, last_received_at=self.last_received_at
        )
