"""The results half of the first page: the query of its inputs, the commands of its buttons."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.support import factories
from tests.support.app_page import data, rerun, run
from tests.support.factories import result
from tests.support.followed_server import followed_server
from tests.support.scripted_server import ScriptedServer, rejection, reply

CALL = "/tests/results"
KIND = {"key": "big", "names": {"en": "Big Five"}, "columns": []}
SHOWN = [result(id=f"t{n}", title=f"Test {n}", completed_at=factories.ago(days=1)) for n in (0, 1)]


def page() -> None:
    """The page, with a button that acts as a click on a row that is no longer shown."""
    import streamlit as st

    from etl_monitor.ui.live.bus import ViewAction, begin_run
    from etl_monitor.ui.results import page
    from etl_monitor.ui.results.query import ResultQuery

    begin_run()  # as in the frame, before the page
    if st.button("reprocess"):
        page._handle(ViewAction(kind="reprocess", id="moved on"), ResultQuery())
    page.results_section()


@pytest.fixture(autouse=True)
def server() -> Iterator[ScriptedServer]:
    listed = [result.model_dump(mode="json", by_alias=True) for result in SHOWN]
    with followed_server(factories.failed()) as server:
        server.on("/test-kinds", reply([KIND]))
        server.on(CALL, reply(listed, x_total_count="60"))
        yield server


def pressed(app: AppTest) -> AppTest:
    app.button[0].click()
    return rerun(app)


def test_a_row_that_has_moved_on_is_reprocessed_from_the_service(
    server: ScriptedServer,
) -> None:
    moved = result(id="moved on", title="Elsewhere", completed_at=factories.ago(days=1))
    server.on(f"{CALL}/moved%20on", reply(moved.model_dump(mode="json", by_alias=True)))
    app = pressed(run(page))
    assert [dialog.proto.dialog.title for dialog in app.get("dialog")] == [
        "Score “Elsewhere” again?"
    ]


def test_without_the_service_a_click_gives_the_reason(server: ScriptedServer) -> None:
    server.on(f"{CALL}/moved%20on", rejection(503, "database_unavailable"))
    app = pressed(run(page))
    assert "cannot use its database" in app.toast[0].value


def test_the_filters_are_the_query(server: ScriptedServer) -> None:
    app = run(page, kind="big", person="kim", status="failed", page="2", q="x")
    query = server.seen(CALL)[-1].query
    filters = {"testKind": "big", "userId": "kim", "status": "failed", "offset": "25", "q": "x"}
    assert query.items() >= filters.items()
    assert app.selectbox(key="etl-kind").options == ["Any kind", "Big Five"]
    app.button(key="etl-clear-q").click()
    rerun(app)
    query = server.seen(CALL)[-1].query
    assert not set(query) & {"testKind", "userId", "status", "q", "offset"}  # its first page
    assert not [name for name in app.query_params if name != "lang"]


def test_the_page_of_the_address_is_shown_and_another_query_starts_at_its_first() -> None:
    app = run(page, page="3")
    assert data(app, "results")["pager"]["text"] == "51–52 of 60"
    app.selectbox(key="etl-sort").select("title")
    assert data(rerun(app), "results")["pager"]["text"].startswith("1–")
    assert "page" not in app.query_params


def test_a_page_beyond_the_last_is_the_last_also_in_the_address(server: ScriptedServer) -> None:
    listed = [result.model_dump(mode="json", by_alias=True) for result in SHOWN]
    server.on(CALL, reply([], x_total_count="27"), reply(listed, x_total_count="27"))
    app = run(page, page="999")
    assert data(app, "results")["pager"]["text"] == "26–27 of 27"
    assert app.query_params["page"] == "2"
    assert [request.query.get("offset") for request in server.seen(CALL)[-2:]] == ["24950", "25"]
