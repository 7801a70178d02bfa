"""The connection badge: whether the page is live, and how old what it shows is."""

from dataclasses import dataclass

from etl_monitor.i18n.translator import Translator
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.live.payloads import BadgePayload, Freshness
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import JobStatus

_BUFFERED = "buffered"
GATEWAY_STATUSES = ("502", "503", "504")  # a proxy's words for a server that is away

_STATES = {ConnectionState.LIVE: "live", ConnectionState.CONNECTING: "catching_up"}


@dataclass(frozen=True, kw_only=True)
class BadgeView(View):
    """`in_title`: whether the counts stand in the browser tab's title too, which is the page's."""

    in_title: bool = False
    name: str = "badge"

    def render(self, ctx: RenderContext) -> BadgePayload:
        connection, t = ctx.snapshot.connection, ctx.t
        is_reconnecting = connection.state is ConnectionState.RECONNECTING
        return {
            "state": connection.state.value,
            "stateText": t(f"connection-{connection.state}"),
            "attempt": _attempt(connection, t) if is_reconnecting else "",
            "nextTryAt": iso(connection.next_try_at) if connection.next_try_at else None,
            "lastEventAt": iso(connection.last_event_at) if connection.last_event_at else None,
            "reason": _reason(connection, t) or _clock(connection, t),
            "titleCounts": _title(ctx) if self.in_title else None,
            "mayConnect": connection.state is ConnectionState.DISCONNECTED,
            "labels": {
                "connect": t("connect-again"),
                "nextTry": t("next-try"),
                "lastEvent": t("last-event"),
                "reconnecting": t("connection-reconnecting"),
            },
        }


def _clock(connection: Connection, t: Translator) -> str:
    """Return by how much the service's clock is off; nothing if it is right."""
    seconds = connection.clock_offset.total_seconds()
    if not seconds:
        return ""
    key = "connection-clock-ahead" if seconds > 0 else "connection-clock-behind"
    return t(key, time=t.duration(abs(seconds)))


def _title(ctx: RenderContext) -> str:
    """Return the counts for the browser tab's title. A test counts as failed if its newest job did,
    so that a retry takes it off."""
    running = ctx.snapshot.counts[JobStatus.RUNNING]
    failed = ctx.snapshot.tests_by_status[JobStatus.FAILED]
    return ctx.t("title-counts", running=running, failed=failed) if running or failed else ""


def _attempt(connection: Connection, t: Translator) -> str:
    return t("attempt-of", n=connection.attempt, m=connection.max_attempts)


def _reason(connection: Connection, t: Translator) -> str:
    """Return why there is no connection, once the follower has given up; before that only if a
    person has to act, as when a proxy buffers the feed."""
    is_shown = connection.state is ConnectionState.DISCONNECTED or connection.reason == _BUFFERED
    if not is_shown or not connection.reason:
        return ""
    status = connection.reason.removeprefix("http_")
    if status in GATEWAY_STATUSES and status != connection.reason:
        return t("connection-gateway", http=status)
    key = f"connection-reason-{connection.reason if status == connection.reason else 'http'}"
    return t(key, http=status) if t.has(key) else connection.reason


def freshness(ctx: RenderContext) -> Freshness:
    """Return how current a view is."""
    connection = ctx.snapshot.connection
    received_at = connection.last_received_at
    return {
        "freshness": _STATES.get(connection.state, "stale"),
        "receivedAt": iso(received_at) if received_at else None,
    }
