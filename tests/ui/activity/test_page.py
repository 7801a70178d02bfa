"""The activity page: what it says of an export that cannot have all of it."""

from collections.abc import Iterator

import pytest

import etl_monitor as em
from tests.support.app_page import run
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream


def page() -> None:
    from etl_monitor.ui.activity.page import activity_section

    activity_section()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([], x_last_event_id="1", x_total_count="0"))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        monkeypatch.setenv("ETL_MONITOR_API_URL", server.address)
        yield server
        em.use_etl_monitoring().close()


@pytest.mark.parametrize(("total", "is_said"), [(100_000, False), (100_001, True)])
def test_an_export_that_leaves_entries_out_says_so(
    server: ScriptedServer, total: int, is_said: bool
) -> None:
    entry = {"id": 1, "at": "2026-03-01T10:00:00Z", "actor": "kim", "role": "admin"}
    entry |= {"action": "retry", "outcome": "done"}
    server.on("/activity", reply([entry], x_total_count=str(total)))
    said = [one.value for one in run(page).warning]
    assert bool(said) is is_said
    if said:
        assert said[0].startswith("Only the newest 100,000 of 100,001 entries are exported")
