"""Everything works by keyboard, and the focus is never lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs, row
from tests.support.scripted import Script

# The name of the focused element, and whether its focus is visible: an outline, a shadow, or around
# an input a border in the theme's colour.
FOCUSED = """(primary) => { const e = document.activeElement;
    const text = e.textContent ?? '';  // not the page around it, which can be scrolled
    const own = getComputedStyle(e);
    const around = [e.parentElement, e.parentElement?.parentElement].filter(Boolean);
    return {
        name: e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent
            ?? (text.length < 60 ? text : ''),
        isVisible: own.outlineStyle !== 'none' || own.boxShadow !== 'none'
            || around.some((box) => getComputedStyle(box).borderTopColor === primary
                || getComputedStyle(box).outlineStyle === 'solid'),
    }; }"""
OUTLINED = """() => {
    const boxesOf = (e) => e ? [e, ...boxesOf(e.parentElement)] : [];
    return boxesOf(document.activeElement).slice(0, 4)
        .some((box) => getComputedStyle(box).outlineStyle === "solid");
}"""
TYPE = (
    "(what) => document.body.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...what}))"
)
PRIMARY = "rgb(11, 92, 173)"  # of the light theme in .streamlit/config.toml


def test_a_job_is_cancelled_and_retried_by_keyboard_alone(
    house: House, open_page: OpenPage
) -> None:
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    expect(jobs(page, job_id=job_id, status="running")).to_be_visible()

    tab_to(page, f"Cancel job {job_id[:8]}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Cancel job")).to_be_visible()
    tab_to(page, "Reason (optional)")
    page.keyboard.type("by keyboard")
    tab_to(page, "Cancel this job")
    page.keyboard.press("Enter")
    cancelled = jobs(page, job_id=job_id, status="cancelled")
    expect(cancelled).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect_focus_in(cancelled)
    assert house.person.job(job_id)["cancelReason"] == "by keyboard"

    page.keyboard.press("r")
    expect(page.get_by_text("is queued").first).to_be_visible()
    expect_focus_in(cancelled)
    family = house.person.job(job_id)["family"]
    assert [attempt["retryOf"] for attempt in family] == [None, job_id]
    gate.touch()


def test_marking_a_failure_as_seen_leads_to_the_next_one(house: House, open_page: OpenPage) -> None:
    for title in ("the first failure", "the second failure"):
        house.person.processed(Script(fail=True), title=title)
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    attention = page.locator("[data-attention]")
    expect(attention.filter(has_text="the second failure")).to_be_visible()
    tab_to(page, "Mark as seen: the second failure")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="The failure is marked")).to_be_visible()
    expect(attention.filter(has_text="the second failure")).to_have_count(0)
    expect_focus_in(attention.filter(has_text="the first failure"))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    tab_to(page, "Mark as seen: the first failure")


@pytest.mark.parametrize("dark", [False, True])
def test_the_focus_is_outlined_in_the_menu_and_around_inputs(
    dark: bool, house: House, open_page: OpenPage
) -> None:
    page = open_page(f"{house.portal.url}/?lang=en", dark=dark)
    expect(page.get_by_role("combobox", name="Search").first).to_be_visible()
    for name in ("Monitor", "System", "Search"):
        tab_to(page, name)
        assert page.evaluate(OUTLINED), name


def test_single_keys_move_open_select_and_cancel(house: House, open_page: OpenPage) -> None:
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page = open_page(f"{house.portal.url}/monitor?lang=en&q=")
    job = jobs(page, job_id=job_id)
    expect(job).to_have_attribute("data-status", "running")
    page.keyboard.press("j")
    expect(jobs(page).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(jobs(page).first.get_by_role("button", name="Hide")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("toolbar", name="1 selected")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("dialog", name="Cancel job")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(jobs(page).first).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search jobs")).to_be_focused()
    page.keyboard.type("?")
    expect(page.get_by_label("Search jobs")).to_have_value("?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Running and waiting")).to_be_focused()
    expect(page.get_by_label("Search jobs")).to_have_value("?")
    gate.touch()


def test_a_search_completes_fields_and_values(house: House, open_page: OpenPage) -> None:
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    search = page.get_by_role("combobox", name="Search jobs")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(search).to_have_attribute("aria-expanded", "false")
    search.press_sequentially("st")
    expect(options).to_have_text(["status:Status"])
    expect(options).to_have_attribute("id", search.get_attribute("aria-activedescendant") or "")
    search.press("Enter")
    expect(options).to_have_count(5)
    for _ in range(2):
        search.press("ArrowUp")
    expect(options.nth(3)).to_have_attribute("aria-selected", "true")
    assert_no_violation(page)
    search.press("Tab")
    expect(search).to_have_value("status:failed ")
    expect(search).to_be_focused()
    expect(page).to_have_url(re.compile("job-q=status%3Afailed"))

    search.press_sequentially("person:")
    expect(options.filter(has_text="kim")).to_be_visible()
    search.press("Escape")
    expect(options).to_have_count(0)
    expect(search).to_be_focused()
    search.press("Escape")
    expect(page.get_by_role("heading", name="Running and waiting")).to_be_focused()

    search.fill("ki")
    options.click()
    expect(search).to_have_value("kind:")
    expect(search).to_be_focused()


def test_the_list_of_keys_opens_and_returns_the_focus(house: House, open_page: OpenPage) -> None:
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    expect(jobs(page).first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("?")
    listing = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listing).to_contain_text("Cancel the job")
    page.keyboard.press("Escape")
    expect(listing).to_be_hidden()
    expect(jobs(page).first).to_be_focused()


@pytest.mark.parametrize("key", ["ㅓ", "Process"])
def test_keys_work_while_hangul_is_typed(key: str, house: House, open_page: OpenPage) -> None:
    """Browsers report the letter, or only that an input method processes it."""
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=ko")
    expect(jobs(page).first).to_be_visible()
    page.evaluate(TYPE, {"key": key, "code": "KeyJ"})
    expect(jobs(page).first).to_be_focused()
    page.evaluate(TYPE, {"key": "Process", "code": "Slash", "shiftKey": True})
    expect(page.get_by_role("dialog", name="키보드 단축키")).to_be_visible()


def test_keys_are_turned_off_and_on_again_by_keyboard_alone(
    house: House, open_page: OpenPage
) -> None:
    """The browser remembers the choice. The list of keys, which a button still opens while `?` does
    not, says how to turn them on again."""
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    listing = page.get_by_role("dialog", name="Keyboard shortcuts")
    hint = listing.get_by_text("Turn this switch on to use them again (by keyboard: Space)")
    for is_on in (False, True):
        expect(jobs(page).first).to_be_visible()
        tab_to(page, "Keyboard shortcuts")
        page.keyboard.press("Enter")
        expect(listing.get_by_role("switch")).to_be_checked(checked=not is_on)
        expect(hint).to_have_count(int(is_on))
        tab_to(page, "Shortcuts on")
        page.keyboard.press("Space")
        expect(listing.get_by_role("switch")).to_be_checked(checked=is_on)
        expect(hint).to_have_count(int(not is_on))
        page.keyboard.press("Escape")
        expect(listing).to_be_hidden()
        assert_keys_are(page, is_on)
        page.reload()
        expect(jobs(page).first).to_be_visible()
        assert_keys_are(page, is_on)


def assert_keys_are(page: Page, is_on: bool) -> None:
    def press() -> None:
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("j")
        expect(page.locator(".etl-card:focus")).to_have_count(int(is_on), timeout=1_000)

    eventually(press)


def test_a_test_is_reprocessed_by_keyboard_and_the_focus_stays_in_its_row(
    house: House, open_page: OpenPage
) -> None:
    """Its button is disabled while the job runs."""
    test = house.person.processed(Script(rows=20), title="again by keyboard")
    page = open_page(f"{house.portal.url}/?lang=en&q=again by keyboard")
    expect(connection(page, "live")).to_be_visible()
    expect(row(page, test["title"])).to_be_visible()
    tab_to(page, "Reprocess again by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Score “again by keyboard” again?")).to_be_visible()
    tab_to(page, "Reprocess")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect_focus_in(row(page, test["title"]))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control with this name has the focus, and assert that it is visible."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED, PRIMARY)["name"]:
            eventually(lambda: assert_focus_is_visible(page))  # colours fade in
            return
    raise AssertionError(f"no control named {name!r} is reached by Tab")


def assert_focus_is_visible(page: Page) -> None:
    assert page.evaluate(FOCUSED, PRIMARY)["isVisible"]


def expect_focus_in(element: Locator) -> None:
    focused = element.page.locator(":focus")
    expect(element.locator(focused).or_(element.and_(focused))).to_have_count(1)
