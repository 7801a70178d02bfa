"""The monitor's filters: they are in the address, for links and for the Back button."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block

import etl_monitor as em
from etl_monitor.portal import addresses
from etl_monitor.wire.job import Job
from tests.support import factories
from tests.support.app_page import data, rerun, run
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream

JOBS = [
    factories.failed(job_id=f"f{n:02}", test_id=f"t{n}", user_id=("kim", "Lee", "ahn")[n % 3])
    for n in range(50)
]


def page() -> None:
    import etl_monitor as em

    em.progress_monitor()


def page_with_a_click() -> None:
    """A page that handles a click before it renders, as if a browser had sent it."""
    import streamlit as st

    import etl_monitor as em
    from etl_monitor.ui.jobs.clicks import before_drawing
    from etl_monitor.ui.live.bus import ViewAction
    from etl_monitor.ui.session import state as session

    clicks: list[str] = session.session_value("clicks", list)
    for kind in clicks:
        before_drawing(ViewAction(kind=kind, id="failed"))
    clicks.clear()
    st.button("older", on_click=clicks.append, args=["older"])
    st.button("status", on_click=clicks.append, args=["status"])
    st.button("toggle", on_click=clicks.append, args=["toggle"])
    em.progress_monitor()


def listed(*jobs: Job) -> list[dict[str, object]]:
    return [job.model_dump(mode="json", by_alias=True) for job in jobs]


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A back end without positions: the portal filters and pages its jobs."""
    with ScriptedServer() as server:
        server.on("/etl/jobs", reply(listed(*JOBS)))
        server.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        monkeypatch.setenv("ETL_MONITOR_API_URL", server.address)
        followed = em.use_etl_monitoring()
        assert followed.wait_until(lambda seen: seen.connection.is_live, 10)
        yield server
        em.use_etl_monitoring().close()


def chips_on(app: AppTest) -> set[str]:
    return {chip["status"] for chip in data(app, "monitor")["chips"] if chip["isChosen"]}


def first_shown(app: AppTest) -> str:
    return str(data(app, "monitor")["pager"]["text"]).split("–")[0]


def button_of_filters(app: AppTest) -> str:
    (popover,) = app.get("popover")
    assert isinstance(popover, Block)
    return str(popover.proto.popover.label)


def test_chips_follow_the_address_each_time() -> None:
    app = run(page, **{"job-status": "failed,none"})
    assert chips_on(app) == {"failed"}
    app.query_params["job-status"] = "pending,running"  # the Back button, or another link
    assert chips_on(rerun(app)) == {"pending", "running"}
    del app.query_params["job-status"]  # the menu
    assert chips_on(rerun(app)) == set()


def test_a_chosen_chip_is_in_the_address() -> None:
    app = run(page_with_a_click, **{"job-page": "2"})
    app.button[1].click()
    rerun(rerun(app))
    assert app.query_params["job-status"] == "failed"
    assert "job-page" not in app.query_params, "another filter begins at its first page"
    assert chips_on(app) == {"failed"}


@pytest.mark.parametrize("has_pages", [True, False])
def test_an_opened_job_is_in_the_portals_address_but_not_in_another_apps(has_pages: bool) -> None:
    addresses.configure(has_pages=has_pages)
    app = run(page_with_a_click)
    app.button[2].click()
    rerun(rerun(app))
    assert ("job" in app.query_params) == has_pages
    app.button[2].click()
    rerun(rerun(app))
    assert "job" not in app.query_params, "it is closed again"


def test_another_apps_address_is_read_but_not_changed() -> None:
    addresses.configure(has_pages=False)
    link = {"job-status": "completed", "job-page": "2", "job-q": "failed"}
    app = run(page_with_a_click, **link)
    assert chips_on(app) == {"completed"}
    assert app.text_input[0].value == "failed"
    app.button[1].click()
    app.text_input[0].set_value("")
    rerun(rerun(app))
    assert chips_on(app) == {"completed", "failed"}
    assert {name: app.query_params[name] for name in link} == link


def test_the_page_is_in_the_address_and_follows_it() -> None:
    app = run(page_with_a_click, **{"job-page": "2"})
    assert first_shown(app) == "21"
    app.button[0].click()
    rerun(rerun(app))
    assert first_shown(app) == "41"
    assert app.query_params["job-page"] == "3"
    app.query_params["job-page"] = "2"
    assert first_shown(rerun(app)) == "21"
    app.query_params["job-page"] = "-x"
    assert first_shown(rerun(app)) == "1"


def test_another_filter_begins_at_its_first_page() -> None:
    app = run(page, **{"job-page": "2"})
    app.selectbox(key="etl-job-sort").select("oldest")
    assert first_shown(rerun(app)) == "1"
    assert "job-page" not in app.query_params


def test_a_choice_stays_if_the_next_one_arrives_with_an_older_address() -> None:
    """A browser sends its current address: on a slow connection, the one before the choice."""
    app = run(page)
    app.selectbox(key="etl-job-person").select("Lee")
    rerun(app)
    del app.query_params["job-person"]
    app.selectbox(key="etl-job-sort").select("oldest")
    rerun(app)
    assert (app.query_params["job-person"], app.query_params["job-sort"]) == ("Lee", "oldest")
    del app.query_params["job-person"]  # the Back button
    assert rerun(app).selectbox(key="etl-job-person").value == ""


def test_a_chip_stays_if_the_next_choice_arrives_with_an_older_address() -> None:
    app = run(page_with_a_click)
    app.button[1].click()
    rerun(rerun(app))
    del app.query_params["job-status"]
    app.selectbox(key="etl-job-sort").select("oldest")
    assert chips_on(rerun(app)) == {"failed"}
    assert app.query_params["job-status"] == "failed"


def test_a_page_beyond_the_last_is_the_last_also_in_the_address() -> None:
    app = run(page, **{"job-page": "99"})
    assert data(app, "monitor")["pager"] == {"text": "41–50 of 50", "newer": True, "older": False}
    assert app.query_params["job-page"] == "3"


def test_an_unknown_filter_value_is_not_counted() -> None:
    (button,) = list(run(page, **{"job-period": "zzz"}).get("popover"))
    assert button.proto.popover.label == "Filter"
    (button,) = list(run(page, **{"job-period": "1h"}).get("popover"))
    assert button.proto.popover.label == "Filters (1)"


def test_a_known_person_can_be_chosen_and_another_typed() -> None:
    app = run(page, **{"job-person": "Lee"})
    person = app.selectbox(key="etl-job-person")
    assert person.options == ["Anyone", "ahn", "kim", "Lee"]
    assert {job["person"] for job in data(app, "monitor")["finished"]} == {"Lee"}
    person.select("kim")
    assert {job["person"] for job in data(rerun(app), "monitor")["finished"]} == {"kim"}
    assert app.query_params["job-person"] == "kim"
    unknown = run(page, **{"job-person": "park"})
    assert unknown.selectbox(key="etl-job-person").value == "park"
    assert data(unknown, "monitor")["finished"] == []


def test_inputs_follow_the_address_too() -> None:
    """Otherwise the Back button had no effect: inputs would write themselves into the address."""
    app = run(page)
    app.selectbox(key="etl-job-period").select("24h")
    app.selectbox(key="etl-job-person").select("kim")
    rerun(app)
    assert app.query_params["job-period"] == "24h"
    del app.query_params["job-period"]
    app.query_params["job-person"] = "Lee"
    rerun(app)
    assert app.selectbox(key="etl-job-period").value == ""
    assert app.selectbox(key="etl-job-person").value == "Lee"
    assert "job-period" not in app.query_params
    assert button_of_filters(app) == "Filters (1)"
    app.query_params["job-period"] = "for ever"
    rerun(app)
    assert app.selectbox(key="etl-job-period").value == ""
    assert not app.warning, "there is no warning for it"


def test_active_filters_are_counted_and_cleared_at_once() -> None:
    app = run(page, **{"job-person": "kim", "job-period": "24h", "job-status": "failed"})
    app.text_input(key="job-q").set_value("f0")
    rerun(app)
    assert button_of_filters(app) == "Filters (2)"
    app.button(key="etl-clear-job-q").click()
    rerun(app)
    assert button_of_filters(app) == "Filter"
    assert chips_on(app) == set()
    assert app.text_input(key="job-q").value == ""
    assert not [name for name in app.query_params if name.startswith("job-")]
    assert first_shown(app) == "1"
    assert app.button(key="etl-clear-job-q").disabled


def page_with_segments() -> None:
    import streamlit as st

    from etl_monitor.ui.widgets.filters import segments
    from etl_monitor.ui.widgets.query_params import Choice

    period = Choice(name="history-period", options=("1h", "24h"), otherwise="24h")
    st.text(segments(period, "Period", str))


def test_buttons_in_a_row_follow_the_address_too() -> None:
    app = run(page_with_segments, **{"history-period": "1h"})
    assert app.text[0].value == "1h"
    del app.query_params["history-period"]
    assert rerun(app).text[0].value == "24h"
    app.query_params["history-period"] = "1h"
    assert rerun(app).text[0].value == "1h"
    assert app.query_params["history-period"] == "1h"
