"""The state of one browser session, in pages run by Streamlit's own test runner."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

import etl_monitor as em
from etl_monitor.portal import addresses
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import SessionState
from tests.support import factories
from tests.support.app_page import data, frames, notices, open_in, rerun, run
from tests.support.followed_server import followed_server
from tests.support.scripted_server import ScriptedServer

OTHER = "0d1e2f3a-other"


def monitor_page() -> None:
    import etl_monitor as em

    em.progress_monitor()


def page_with_one_job_twice() -> None:
    import streamlit as st

    import etl_monitor as em

    job = em.use_etl_monitoring().snapshot().jobs[st.query_params["id"]]
    em.job_status(job)
    em.job_status(job)
    em.job_status(job, compact=False)


def page_of_a_job_by_its_id() -> None:
    import etl_monitor as em

    em.job_status("0d1e2f3a-other")
    em.job_status({"jobId": "nobody-knows", "status": "failed", "errorMessage": "broken"})


def page_with_a_notice() -> None:
    from etl_monitor.ui.live.bus import show_notices
    from etl_monitor.ui.session import state as session

    session.notify("done")
    show_notices()
    show_notices()


def page_that_says_its_language() -> None:
    import streamlit as st

    from etl_monitor.ui.session import state as session

    st.text(session.language())


def page_whose_language_is_chosen() -> None:
    import streamlit as st

    from etl_monitor.ui.session import state as session

    session.choose_language("ko")
    st.text(st.query_params["lang"])


@pytest.fixture(autouse=True)
def server() -> Iterator[ScriptedServer]:
    other = factories.failed(job_id=OTHER, test_id="test-2")
    with followed_server(factories.running(), other) as server:
        yield server


def state_of(app: AppTest) -> SessionState:
    found = app.session_state["etl_monitor_state"]
    assert isinstance(found, SessionState)
    return found


def table_of(app: AppTest) -> JobTable:
    return state_of(app).jobs


def test_each_session_has_a_table_of_its_own_and_all_point_at_one_snapshot() -> None:
    one, other = run(monitor_page), run(monitor_page)
    assert table_of(one) is not table_of(other)
    assert table_of(one).snapshot is table_of(other).snapshot
    assert table_of(one).monitoring is em.use_etl_monitoring()


def test_everything_on_a_page_shows_one_version() -> None:
    app = run(monitor_page)
    assert {frame["view"] for frame in frames(app)} >= {"badge", "monitor"}
    assert len({(frame["run"], frame["version"]) for frame in frames(app)}) == 1


def test_the_monitor_shows_the_jobs_of_the_store() -> None:
    payload = data(run(monitor_page), "monitor")
    assert [row["id"] for row in payload["running"]] == [factories.JOB]
    assert [row["id"] for row in payload["finished"]] == [OTHER]


def test_a_session_keeps_its_table_from_run_to_run() -> None:
    app = run(monitor_page)
    table, first = table_of(app), state_of(app).run_number
    table.toggle(OTHER)
    rerun(app)
    assert table_of(app) is table
    assert state_of(app).run_number > first
    assert open_in(app, "monitor") == {OTHER}


def test_frames_carry_the_session_that_counts_their_runs() -> None:
    one, other = run(monitor_page), run(monitor_page)
    tables = [{frame["session"] for frame in frames(app)} for app in (one, rerun(one), other)]
    assert tables[0] == tables[1] != tables[2]
    assert len(tables[0]) == 1


def test_a_link_opens_its_job_in_its_own_session_only() -> None:
    linked, other = run(monitor_page, job=OTHER), run(monitor_page)
    assert table_of(linked).open_jobs == (OTHER,)
    assert open_in(linked, "job") == {OTHER}
    assert open_in(linked, "monitor") == set(), "its details are drawn once, too"
    assert data(linked, "monitor")["finished"] == [], "it is drawn once"
    assert not table_of(other).open_jobs
    table_of(linked).toggle(OTHER)
    assert open_in(rerun(linked), "job") == set(), "a person may close it again"


def test_one_job_may_be_shown_more_than_once() -> None:
    app = run(page_with_one_job_twice, id=OTHER)
    payload = [frame for frame in frames(app) if frame["view"] == "job"]
    assert [frame["data"]["compact"] for frame in payload] == [True, True, False]
    assert {frame["data"]["job"]["id"] for frame in payload} == {OTHER}
    assert len({frame["mount"] for frame in payload}) == 3
    again = [frame["mount"] for frame in frames(rerun(app)) if frame["view"] == "job"]
    assert again == [frame["mount"] for frame in payload], "keys stay from run to run"


def test_a_job_by_its_id_or_as_json() -> None:
    known, as_json = (frame["data"]["job"] for frame in frames(run(page_of_a_job_by_its_id)))
    assert known["title"] == "3월 공채"
    assert as_json["problem"]["reason"] == "broken"


def test_a_follower_that_was_closed_is_replaced() -> None:
    app = run(monitor_page)
    table_of(app).monitoring.close()
    rerun(app)
    assert not table_of(app).monitoring.is_closed


def test_a_notice_is_shown_once() -> None:
    assert [toast.value for toast in run(page_with_a_notice).toast] == ["done"]


def test_a_notice_on_another_apps_page_is_no_toast_of_theirs() -> None:
    addresses.configure(has_pages=False)
    app = run(page_with_a_notice)
    assert not app.toast
    assert [(frame["notices"], frame["number"]) for frame in notices(app)] == [(["done"], 1)]
    (again,) = notices(rerun(app))
    assert again["number"] == 2


@pytest.mark.parametrize(
    ("locale", "setting", "parameter", "expected"),
    [
        ("ko-KR", "auto", "", "ko"),
        ("en-GB", "auto", "", "en"),
        ("fr", "auto", "", "en"),
        ("en-GB", "ko", "", "ko"),
        ("ko-KR", "en", "ko", "ko"),
        ("ko-KR", "auto", "fr", "ko"),
    ],
)
def test_language_is_the_persons_choice_then_the_setting_then_the_browsers(
    locale: str, setting: str, parameter: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ETL_MONITOR_LANGUAGE", setting)
    app = AppTest.from_function(page_that_says_its_language)
    app.context = {"locale": locale}
    app.query_params.update({"lang": parameter} if parameter else {})
    assert rerun(app).text[0].value == expected


def test_a_language_from_the_address_stays_on_pages_without_it() -> None:
    app = run(page_that_says_its_language, language="ko")
    app.query_params.clear()
    assert rerun(app).text[0].value == "ko"


def test_a_chosen_language_is_in_the_address() -> None:
    assert run(page_whose_language_is_chosen).text[0].value == "ko"


def test_a_session_does_not_store_jobs() -> None:
    """Ten thousand jobs in the store do not increase the size of a session."""
    session_value = repr(run(monitor_page).session_state)
    assert "JobTable(" in session_value
    assert "Job(" not in session_value
