"""Whether what a page shows is current: live, catching up or stale."""

from typing import Any

from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.base import iso


def freshness(ctx: RenderContext) -> dict[str, Any]:
    """Whether what is drawn is how things are: live, catching_up or stale, and as of when."""
    connection = ctx.snapshot.connection
    state = {
        ConnectionState.LIVE: "live",
        ConnectionState.CONNECTING: "catching_up",
    }.get(connection.state, "stale")
    heard = connection.last_received_at
    return {"freshness": state, "receivedAt": iso(heard) if heard else None}
