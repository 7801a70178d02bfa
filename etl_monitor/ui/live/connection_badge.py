"""The connection badge: whether what is shown is live, and how old it is."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.i18n.translator import Translator
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import JobStatus

_HELD_BACK = "buffered"


@dataclass(frozen=True, kw_only=True)
class BadgeView(View):
    name: str = "badge"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        connection, t = ctx.snapshot.connection, ctx.t
        trying = connection.state is ConnectionState.RECONNECTING
        return {
            "state": connection.state.value,
            "stateText": t(f"connection-{connection.state}"),
            "attempt": _attempt(connection, t) if trying else "",
            "nextTryAt": iso(connection.next_try_at) if connection.next_try_at else None,
            "lastEventAt": iso(connection.last_event_at) if connection.last_event_at else None,
            "reason": _reason(connection, t),
            "titleCounts": _title(ctx),
            "mayConnect": connection.state is ConnectionState.DISCONNECTED,
            "labels": {
                "connect": t("connect-again"),
                "nextTry": t("next-try"),
                "lastEvent": t("last-event"),
                "reconnecting": t("connection-reconnecting"),
            },
        }


def _title(ctx: RenderContext) -> str:
    """For the browser's tab. Failed: tests whose newest job failed; a retry takes one off."""
    jobs, counts = ctx.snapshot.jobs, ctx.snapshot.counts
    newest = [jobs[one].status for one in ctx.snapshot.latest_by_test.values() if one in jobs]
    running, failed = counts[JobStatus.RUNNING], newest.count(JobStatus.FAILED)
    return ctx.t("title-counts", running=running, failed=failed) if running or failed else ""


def _attempt(connection: Connection, t: Translator) -> str:
    return t("attempt-of", n=connection.attempt, m=connection.max_attempts)


def _reason(connection: Connection, t: Translator) -> str:
    """Why there is no connection, once it is given up; until then trying is news enough, unless
    only a person can help."""
    is_told = connection.state is ConnectionState.DISCONNECTED or connection.reason == _HELD_BACK
    if not is_told or not connection.reason:
        return ""
    status = connection.reason.removeprefix("http_")
    key = f"connection-reason-{connection.reason if status == connection.reason else 'http'}"
    return t(key, http=status) if t.has(key) else connection.reason
