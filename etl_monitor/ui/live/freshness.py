"""Whether what a page shows is current: live, catching up or stale."""

from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.ui.live.payloads import Freshness
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.base import iso

_STATES = {ConnectionState.LIVE: "live", ConnectionState.CONNECTING: "catching_up"}


def freshness(ctx: RenderContext) -> Freshness:
    connection = ctx.snapshot.connection
    received_at = connection.last_received_at
    return {
        "freshness": _STATES.get(connection.state, "stale"),
        "receivedAt": iso(received_at) if received_at else None,
    }
