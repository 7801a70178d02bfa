"""The activity page: its filters in the address, and the notice about a partial export."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

import etl_monitor as em
from tests.support.app_page import rerun, run
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream

ENTRY = {
    "id": 7,
    "at": "2026-03-01T10:00:00Z",
    "actor": "kim",
    "role": "admin",
    "action": "retry",
    "outcome": "done",
}
FILTERS = {"q": "김", "action": "cancel", "outcome": "refused", "jobId": "a"}


def page() -> None:
    from etl_monitor.ui.activity.page import activity_section

    activity_section()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply([], x_last_event_id="1", x_total_count="0"))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        server.on("/activity", reply([ENTRY | {"id": n} for n in range(120, 69, -1)]))
        monkeypatch.setenv("ETL_MONITOR_API_URL", server.address)
        yield server
        em.use_etl_monitoring().close()


def requested(server: ScriptedServer) -> dict[str, Any]:
    return dict(server.seen("/activity")[-1].query)


def address(app: AppTest) -> dict[str, Any]:
    return {name: app.query_params[name] for name in app.query_params if name != "lang"}


def button(app: AppTest, label: str) -> Button:
    return next(button for button in app.button if button.label == label)


def test_the_address_is_the_query_and_stays_the_address(server: ScriptedServer) -> None:
    app = run(page, **FILTERS, period="7d", before="12")
    query = requested(server)
    assert query.pop("since")
    assert query == FILTERS | {"before": "12", "limit": "51"}
    assert address(app) == FILTERS | {"period": "7d", "before": "12"}


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"action": "explode"},
        {"outcome": "perhaps"},
        {"period": "100y"},
        {"before": "-1"},
        {"before": "1.5"},
        {"after": "²"},
        {"before": "9" * 30},
        {"after": "0"},
    ],
)
def test_an_unknown_value_is_ignored(server: ScriptedServer, parameters: dict[str, str]) -> None:
    run(page, **parameters)
    assert requested(server) == {"limit": "51"}


def test_of_two_positions_the_older_one_counts(server: ScriptedServer) -> None:
    run(page, before="12", after="3")
    assert requested(server) == {"limit": "51", "before": "12"}


def test_another_filter_starts_at_its_first_page(server: ScriptedServer) -> None:
    app = run(page, before="99", jobId="a")
    app.selectbox(key="etl-action").select("cancel")
    rerun(app)
    assert requested(server) == {"limit": "51", "jobId": "a", "action": "cancel"}
    assert address(app) == {"jobId": "a", "action": "cancel"}


def test_pages_are_in_the_address_and_follow_it(server: ScriptedServer) -> None:
    app = run(page)
    button(app, "Next").click()
    rerun(app)
    assert address(app) == {"before": "71"}
    assert "71" in [request.query.get("before") for request in server.seen("/activity")]
    assert not button(app, "Previous").disabled
    del app.query_params["before"]  # the Back button
    rerun(app)
    assert button(app, "Previous").disabled
    assert address(app) == {}


def test_inputs_follow_the_address(server: ScriptedServer) -> None:
    app = run(page)
    app.selectbox(key="etl-period").select("24h")
    rerun(app)
    assert address(app) == {"period": "24h"}
    del app.query_params["period"]  # the Back button
    rerun(app)
    assert app.selectbox(key="etl-period").value == ""
    assert address(app) == {}


def test_the_log_of_one_job_leads_back_to_all(server: ScriptedServer) -> None:
    app = run(page, jobId="4f2a9c11", action="retry", before="99")
    button(app, "Only job 4f2a9c11").click()
    rerun(app)
    assert address(app) == {"action": "retry"}


@pytest.mark.parametrize(("total", "has_notice"), [(100_000, False), (100_001, True)])
def test_an_export_that_leaves_entries_out_says_so(
    server: ScriptedServer, total: int, has_notice: bool
) -> None:
    server.on("/activity", reply([ENTRY], x_total_count=str(total)))
    notices = [caption.value for caption in run(page).caption if "exported" in caption.value]
    assert bool(notices) is has_notice
    if notices:
        assert notices[0].startswith("Only the newest 100,000 of 100,001 entries are exported")
