"""Parts of ours at every place that another app's page has: dialogs, forms, fragments, sidebars."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.browser.test_embedding import begin, marked, their_app
from tests.support.eventually import eventually
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service

PLACES = """
import streamlit as st

import etl_monitor as em

st.set_page_config(page_title="(7) Their page")
job = next(iter(em.use_etl_monitoring().snapshot().running), None)
with st.sidebar:
    em.job_status(job)
with st.form("their form"):
    em.job_status(job, key="in-the-form")
    st.form_submit_button("Their own button")


@st.fragment(run_every=1)
def clock() -> None:
    em.job_status(job)


clock()
left, right = st.columns(2)
with left.expander("More", expanded=True):
    em.progress_monitor()
with right:
    em.progress_monitor(key="second")
"""
DIALOG = """
import streamlit as st

import etl_monitor as em


@st.dialog("Their dialog")
def show() -> None:
    running = em.use_etl_monitoring().snapshot().running
    st.session_state.job = st.session_state.get("job") or next(iter(running), None)
    em.job_status(st.session_state.job, compact=False)


if st.button("Show the job"):
    show()
"""
CLICKED = """
import streamlit as st

import etl_monitor as em


@st.fragment
def part() -> None:
    if st.toggle("Their toggle"):
        running = em.use_etl_monitoring().snapshot().running
        st.session_state.job = st.session_state.get("job") or next(iter(running), None)
        em.job_status(st.session_state.job, compact=False)


part()
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "1"}) as process:
        yield process


@pytest.fixture
def open_script(
    service: RunningService, open_page: OpenPage, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """Open another app with the script that a test is parametrized with."""
    script = tmp_path / "their_page.py"
    script.write_text(request.param, encoding="utf-8")
    with their_app(tmp_path, script, service) as app:
        yield open_page(app.url, expects=(*PORTAL_GONE, "WebSocket is already"))


def shown_after_reload(page: Page, job_id: str, count: int) -> Locator:
    """Reload until the page, which reads the jobs when it runs, shows the job so many times."""

    def is_shown() -> None:
        page.reload()
        expect(marked(page, job_id)).to_have_count(count, timeout=20_000)

    eventually(is_shown, within=120)
    return marked(page, job_id)


def ask_in(place: Locator, job_id: str) -> Locator:
    """Press Cancel there, and return the question that opens in the same place."""
    place.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    question = place.get_by_role("group", name=f"Cancel job {job_id[:8]}")
    expect(question).to_contain_text("will stop")
    return question


@pytest.mark.parametrize("open_script", [PLACES], indirect=True)
def test_all_parts_are_live_and_a_form_has_no_buttons_that_do_nothing(
    service: RunningService, open_script: Page, tmp_path: Path
) -> None:
    job_id, page = begin(service, tmp_path / "never"), open_script
    everywhere = shown_after_reload(page, job_id, 5)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    in_form = page.get_by_test_id("stForm")
    expect(in_form.get_by_role("button")).to_have_text(["Their own button"])
    service.data("POST", f"/etl/jobs/{job_id}/cancel", json={})
    for index in range(5):
        expect(everywhere.nth(index)).to_have_attribute("data-status", "cancelled")
    assert page.title() == "(7) Their page"


@pytest.mark.parametrize("open_script", [DIALOG], indirect=True)
def test_in_their_dialog_a_job_is_live_and_cancel_needs_no_second_dialog(
    service: RunningService, open_script: Page, tmp_path: Path
) -> None:
    job_id, page = begin(service, tmp_path / "never"), open_script

    def is_listed() -> None:
        page.reload()
        page.get_by_role("button", name="Show the job").click()
        expect(marked(page, job_id)).to_have_attribute("data-status", "running", timeout=20_000)

    eventually(is_listed, within=120)
    dialog = page.get_by_role("dialog")
    question = ask_in(dialog, job_id)
    question.get_by_role("button", name="Keep it running").click()
    expect(question).to_have_count(0)
    question = ask_in(dialog, job_id)
    question.get_by_label("Reason").fill("said in their dialog")
    question.get_by_role("button", name="Cancel this job").click()
    expect(dialog.get_by_role("status").get_by_text("Cancel requested")).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_have_count(0)
    expect(dialog.locator("[data-job-id]")).to_have_attribute("data-status", "cancelled")
    expect(dialog).to_have_count(1)
    assert service.data("GET", f"/etl/jobs/{job_id}")["cancelReason"] == "said in their dialog"


@pytest.mark.parametrize("open_script", [CLICKED], indirect=True)
def test_a_job_that_only_a_fragment_draws_is_live_and_cancel_opens_a_dialog(
    service: RunningService, open_script: Page, tmp_path: Path
) -> None:
    job_id, page = begin(service, tmp_path / "never"), open_script

    def is_listed() -> None:
        page.reload()
        page.get_by_text("Their toggle").click()
        expect(marked(page, job_id)).to_have_attribute("data-status", "running", timeout=20_000)

    eventually(is_listed, within=120)
    page.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel this job").click()
    notice = page.get_by_role("status").get_by_text("Cancel requested")
    expect(notice).to_be_visible()
    expect(notice).to_have_count(0, timeout=20_000)
    expect(marked(page, job_id)).to_have_attribute("data-status", "cancelled")
