"""Parts of ours at every place that another app's page has: dialogs, forms, fragments, sidebars."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.browser.test_embedding import begin, marked, their_app
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service

THE_JOB = '''
import streamlit as st

import etl_monitor as em


def the_job():
    """The one that runs, which this page shows from its first run on."""
    if "job" not in st.session_state:
        monitoring = em.use_etl_monitoring()
        monitoring.wait_until(lambda now: bool(now.running), 60)
        st.session_state.job = next(iter(monitoring.snapshot().running), None)
    return st.session_state.job

'''
PLACES = """
st.set_page_config(page_title="(7) Their page")
job = the_job()
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
@st.dialog("Their dialog")
def show() -> None:
    em.job_status(the_job(), compact=False)


if st.button("Show the job"):
    show()
"""
CLICKED = """
@st.fragment
def part() -> None:
    if st.toggle("Their toggle"):
        em.job_status(the_job(), compact=False)


part()
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "1"}) as process:
        yield process


@pytest.fixture
def job_id(service: RunningService, tmp_path: Path) -> str:
    return begin(service, tmp_path / "never")


@pytest.fixture
def open_script(
    service: RunningService,
    job_id: str,
    open_page: OpenPage,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    """Open another app with the script that a test is parametrized with, while its job runs."""
    script = tmp_path / "their_page.py"
    script.write_text(THE_JOB + request.param, encoding="utf-8")
    with their_app(tmp_path, script, service) as app:
        yield open_page(app.url, expects=(*PORTAL_GONE, "WebSocket is already"))


def ask_in(place: Locator, job_id: str) -> Locator:
    """Press Cancel there, and return the question that opens in the same place."""
    place.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    question = place.get_by_role("group", name=f"Cancel job {job_id[:8]}")
    expect(question).to_contain_text("will stop")
    return question


@pytest.mark.parametrize("open_script", [PLACES], indirect=True)
def test_all_parts_are_live_and_a_form_has_no_buttons_that_do_nothing(
    service: RunningService, open_script: Page, job_id: str
) -> None:
    page = open_script
    everywhere = marked(page, job_id)
    expect(everywhere).to_have_count(5)
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
    service: RunningService, open_script: Page, job_id: str
) -> None:
    page = open_script
    page.get_by_role("button", name="Show the job").click()
    expect(marked(page, job_id)).to_have_attribute("data-status", "running")
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
    open_script: Page, job_id: str
) -> None:
    page = open_script
    page.get_by_text("Their toggle").click()
    expect(marked(page, job_id)).to_have_attribute("data-status", "running")
    page.get_by_role("button", name=f"Cancel job {job_id[:8]}").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel this job").click()
    notice = page.get_by_role("status").get_by_text("Cancel requested")
    expect(notice).to_be_visible()
    expect(notice).to_have_count(0, timeout=20_000)
    expect(marked(page, job_id)).to_have_attribute("data-status", "cancelled")
