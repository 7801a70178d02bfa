"""Input that looks like markup is shown as text on every page."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.marks import jobs, rows
from tests.support.odd import FAILS, ODD, RENDERED, SETTING
from tests.support.people import Person
from tests.support.portal_process import running_portal
from tests.support.scripted import Script
from tests.support.service_process import running_service
from tests.support.tabs import open_tab

PERSON = f"www.evil.example {ODD}"  # up to 100 characters
REASON = f"reason {RENDERED} {ODD}"
KIND = "www.kind.evil.example :smile: a@evil.example *it* $y$ :red[z]"  # up to 100 characters
RUNNING = f"running {RENDERED} {ODD}"
FILE = f"file {ODD}.json"  # without a slash, or it would be no file name
INJECTED = (
    "img[src='x'], [onerror], a[href^='javascript:'], b:has-text('it'), .katex"
    ", a[href*='evil.example'], [role=img][aria-label*='home'], .stMarkdownColoredText"
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("odd")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as service:
        where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
        with running_portal(folder, environment=where) as portal:
            someone = Person(service=service, user_id=PERSON, folder=folder)
            yield House(portal=portal, service=service, person=someone)


@pytest.fixture
def page(house: House, open_page: OpenPage) -> Iterator[Page]:
    """A page on which no element was made of people's input, and no script of it ran."""
    page = open_page(f"{house.portal.url}/?lang=en", height=2000)
    ran: list[str] = []

    def note(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    yield page
    assert_only_text(page)
    assert ran == []


def assert_only_text(page: Page) -> None:
    expect(page.locator(INJECTED)).to_have_count(0)


def assert_shown_as_text(element: Locator, *texts: str) -> None:
    for text in texts:
        expect(element).to_contain_text(text)
    assert_only_text(element.page)


def test_markup_in_lists_details_and_dialogs(house: House, page: Page) -> None:
    failed = house.person.processed(title=FAILS)["lastJob"]["jobId"]
    cancelled = begin(house, f"cancelled {RENDERED} {ODD}")
    house.service.data("POST", f"/etl/jobs/{cancelled}/cancel", json={"reason": REASON})
    house.person.job_becomes(cancelled, "cancelled")
    running = begin(house, RUNNING)

    assert_shown_as_text(jobs(page, job_id=running), RUNNING, PERSON, f"step {ODD}")
    assert_shown_as_text(jobs(page, job_id=failed), FAILS, f"error {ODD}")
    for job_id in (failed, cancelled):
        jobs(page, job_id=job_id).get_by_role("button", name=f"Details {job_id[:8]}").click()
        assert_shown_as_text(jobs(page, job_id=job_id), f"log {ODD}")
    assert_shown_as_text(jobs(page, job_id=cancelled), REASON, f"step {ODD}")
    result = rows(page).filter(has_text=RUNNING)
    assert_shown_as_text(result, PERSON, f"step {ODD}")
    assert_shown_as_text(rows(page).filter(has_text=FAILS), f"error {ODD}")

    jobs(page, job_id=running).get_by_role("button", name=f"Cancel job {running[:8]}").click()
    dismiss(page, RUNNING)
    jobs(page, job_id=running).get_by_role("checkbox").check()
    page.get_by_role("toolbar").get_by_role("button", name="Cancel jobs", exact=True).click()
    dismiss(page, RUNNING)
    expect(page).to_have_title(re.compile(r"^\(1 running · 1 test failed\) [\w ·]+$"))

    page.goto(f"{house.portal.url}/activity?lang=en")
    assert_shown_as_text(page.get_by_role("table", name="Activity"), REASON, FAILS)
    page.goto(f"{house.portal.url}/system?lang=en")
    assert_shown_as_text(page.get_by_role("table", name="Workers"), RUNNING)
    house.service.data("POST", f"/etl/jobs/{running}/cancel", json={})


def test_markup_in_an_upload_its_page_and_its_notices(house: House, page: Page) -> None:
    title = f"uploaded {RENDERED} {ODD}"
    page.get_by_role("button", name="Upload", exact=True).click()
    dialog = page.get_by_role("dialog")
    file = {"name": FILE, "mimeType": "application/json", "buffer": Script(rows=10).file()}
    dialog.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    assert_shown_as_text(dialog, FILE)
    dialog.get_by_label("Kind of test").fill(KIND)
    dialog.get_by_label("Title").fill(title)
    dialog.get_by_label("Person in charge").fill(PERSON)
    dialog.get_by_role("button", name="Upload and score").click()
    assert_shown_as_text(page.get_by_test_id("stToast"), title)
    assert_shown_as_text(page.get_by_role("heading", name=title), title)
    main = page.get_by_test_id("stMain")
    assert_shown_as_text(main, PERSON, KIND)
    open_tab(page, "History")
    expect(page.get_by_role("region", name="History").get_by_role("row")).to_have_count(2)

    page.get_by_role("button", name="Reprocess").click()
    dismiss(page, title)
    page.get_by_role("button", name="Delete").click()
    assert_shown_as_text(page.get_by_role("dialog"), title)
    page.get_by_role("dialog").get_by_role("button", name="Delete permanently").click()
    assert_shown_as_text(page.get_by_test_id("stToast").filter(has_text="was deleted"), title)


def begin(house: House, title: str) -> str:
    """A job that runs until it is cancelled."""
    nowhere = str(house.person.folder / "no gate")
    test = house.person.upload(Script(gate=nowhere), title=title)
    job_id: str = test["activeJob"]["jobId"]
    house.person.job_becomes(job_id, "running")
    return job_id


def dismiss(page: Page, title: str) -> None:
    """Check the open confirmation, and close it without an answer."""
    assert_shown_as_text(page.get_by_role("dialog"), title)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
