"""The questions and lists that open over a page."""

from collections.abc import Iterator

import pytest

import etl_monitor as em
from tests.app_page import data, rerun, run
from tests.scripted_server import HOLD, ScriptedServer, reply, stream


def page() -> None:
    import streamlit as st

    import etl_monitor as em
    from etl_monitor.ui.dialogs import show_shortcuts

    if st.button("list"):
        show_shortcuts()
    em.progress_monitor()


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([], x_last_event_id="1", x_total_count="0"))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        monkeypatch.setenv("ETL_MONITOR_API_URL", server.address)
        assert em.use_etl_monitoring().wait_until(lambda seen: seen.connection.is_live, 10)
        yield
        em.use_etl_monitoring().close()


def test_keys_turned_off_in_a_list_that_is_closed_at_once_are_off() -> None:
    """A toggle and a close that come together make one run, in which the list is not drawn."""
    app = run(page)
    for is_on in (False, True):
        app.button[0].click()
        rerun(app)
        app.toggle[0].set_value(is_on)
        assert data(rerun(app), "monitor")["shortcuts"] is is_on
        assert not app.toggle
