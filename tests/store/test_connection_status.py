from datetime import UTC, datetime

from etl_monitor.store.connection_status import Connection, ConnectionState


def test_received_bytes_do_not_change_the_state() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    live = Connection(state=ConnectionState.LIVE)
    assert live.same_state(
        Connection(state=ConnectionState.LIVE, last_event_at=now, last_received_at=now)
    )
    assert not live.same_state(Connection(state=ConnectionState.LIVE, attempt=1))
