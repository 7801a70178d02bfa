"""The connection badge: whether what is shown is live, and how old it is."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.i18n import Texts
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.session.state import Look, View
from etl_monitor.wire.job import JobStatus, iso

_HELD_BACK = "buffered"


@dataclass(frozen=True, kw_only=True)
class BadgeView(View):
    name: str = "badge"

    def data(self, look: Look) -> dict[str, Any]:
        connection, texts = look.snapshot.connection, look.texts
        trying = connection.state is ConnectionState.RECONNECTING
        return {
            "state": connection.state.value,
            "stateText": texts(f"connection-{connection.state}"),
            "attempt": _attempt(connection, texts) if trying else "",
            "nextTryAt": iso(connection.next_try_at) if connection.next_try_at else None,
            "lastEventAt": iso(connection.last_event_at) if connection.last_event_at else None,
            "reason": _reason(connection, texts),
            "titleCounts": _title(look),
            "mayConnect": connection.state is ConnectionState.DISCONNECTED,
            "words": {
                "connect": texts("connect-again"),
                "nextTry": texts("next-try"),
                "lastEvent": texts("last-event"),
                "reconnecting": texts("connection-reconnecting"),
            },
        }


def _title(look: Look) -> str:
    """For the browser's tab. Failed: tests whose newest job failed; a retry takes one off."""
    jobs, counts = look.snapshot.jobs, look.snapshot.counts
    newest = [jobs[one].status for one in look.snapshot.latest_by_test.values() if one in jobs]
    running, failed = counts[JobStatus.RUNNING], newest.count(JobStatus.FAILED)
    return look.texts("title-counts", running=running, failed=failed) if running or failed else ""


def _attempt(connection: Connection, texts: Texts) -> str:
    return texts("attempt-of", n=connection.attempt, m=connection.max_attempts)


def _reason(connection: Connection, texts: Texts) -> str:
    """Why there is no connection, once it is given up; until then trying is news enough, unless
    only a person can help."""
    is_told = connection.state is ConnectionState.DISCONNECTED or connection.reason == _HELD_BACK
    if not is_told or not connection.reason:
        return ""
    status = connection.reason.removeprefix("http_")
    key = f"connection-reason-{connection.reason if status == connection.reason else 'http'}"
    return texts(key, http=status) if texts.has(key) else connection.reason
