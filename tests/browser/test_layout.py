"""On a phone and on a wall screen nothing is cut off, and axe finds no violation."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import House, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.layout import assert_nothing_is_cut_off, assert_targets_fit_a_finger, cut_off
from tests.support.marks import connection, jobs
from tests.support.scripted import Script

TITLE = "2026년 하반기 경력직 공개 채용 추론능력검사 응답 파일 (수정본 2차, 최종)"
ONE_WORD = "answers_that_a_person_exported_from_a_spreadsheet_without_any_space_2026.csv"
WALL, PHONE = ViewportSize(width=2560, height=1440), ViewportSize(width=360, height=800)
# The first clips its text, the second makes the page wider.
BREAK_LAYOUT = [
    "(title) => { title.style = 'white-space: nowrap; overflow: hidden'; }",
    "(title) => { title.style = 'white-space: nowrap; min-width: max-content'; }",
]


@pytest.fixture(scope="module")
def busy(house: House) -> Iterator[House]:
    """The house with long titles: of a failed job, a completed one and a running one."""
    house.person.processed(Script(fail=True), title=ONE_WORD)
    house.person.processed(Script(rows=1200), title=TITLE)
    _test, gate = house.person.upload_held()
    yield house
    gate.touch()


@pytest.mark.parametrize(("language", "dark"), [("ko", False), ("en", True)])
@pytest.mark.parametrize("path", ["/", "/monitor", "/activity", "/system"])
def test_a_page_fits(
    path: str, language: str, dark: bool, busy: House, open_page: OpenPage
) -> None:
    page = open_page(f"{busy.portal.url}{path}?lang={language}", dark=dark)
    page.set_viewport_size(WALL)
    expect(connection(page, "live")).to_be_visible()
    expect(page.locator(".etl-card, .etl-table").first).to_be_visible()
    assert_nothing_is_cut_off(page)
    page.set_viewport_size(PHONE)
    assert_nothing_is_cut_off(page)
    assert_targets_fit_a_finger(page)
    assert_no_violation(page)
    if path in ("/", "/monitor"):
        _filters_fit(page, Translator(language))


@pytest.mark.parametrize(("language", "dark"), [("ko", True), ("en", False)])
def test_on_a_phone_name_and_languages_stand_beside_the_menu(
    language: str, dark: bool, busy: House, open_page: OpenPage
) -> None:
    """Also after scrolling; the open menu covers them."""
    t = Translator(language)
    page = open_page(f"{busy.portal.url}/monitor?lang={language}", dark=dark, width=390)
    menu = page.get_by_role("button", name=t("name-sidebar-open"))
    name = page.get_by_text(t("product"), exact=True).first
    korean = page.get_by_role("radio", name="한국어").or_(page.get_by_role("button", name="한국어"))
    expect(page.locator(".etl-card").first).to_be_visible()
    page.mouse.wheel(0, 400)
    for beside in (name, korean.first):
        expect(beside).to_be_in_viewport(ratio=1)
        assert _middle(beside) == pytest.approx(_middle(menu), abs=3)
    menu.click()
    expect(page.get_by_role("link", name=t("page-system"))).to_be_visible()
    page.get_by_role("link", name=t("page-system")).click()
    expect(page.get_by_role("heading", level=1, name=t("page-system"))).to_be_visible()


def _middle(element: Locator) -> float:
    box = element.bounding_box()
    assert box
    middle: float = box["y"] + box["height"] / 2
    return middle


def test_on_a_tablet_the_halves_are_below_each_other(busy: House, open_page: OpenPage) -> None:
    page = open_page(f"{busy.portal.url}/?lang=ko", width=768)
    expect(page.locator(".etl-card").first).to_be_visible()
    results, monitor = (
        page.get_by_role("heading", name=name) for name in ("검사 결과", "진행 상황")
    )
    above, below = results.bounding_box(), monitor.bounding_box()
    assert above
    assert below
    assert above["x"] == pytest.approx(below["x"], abs=1)
    assert below["y"] > above["y"] + 100
    assert_nothing_is_cut_off(page)


# What a job of two million rows says in its last minute.
LAST_MINUTE = """(card) => {
    card.querySelector(".etl-card-counted .etl-number").textContent = "2,000,000 of 2,000,000 rows";
    card.querySelector(".etl-card-left").textContent = "less than a minute left";
}"""


def test_a_running_jobs_rows_and_time_left_fit(busy: House, open_page: OpenPage) -> None:
    held, gate = busy.person.upload_held()
    page = open_page(f"{busy.portal.url}/monitor?lang=en", width=360)
    running = jobs(page, job_id=held["activeJob"]["jobId"])
    expect(running.locator(".etl-card-counted .etl-number").first).to_be_visible()
    for width in (360, 390, 768):
        page.set_viewport_size({"width": width, "height": 1000})
        running.evaluate(LAST_MINUTE)
        assert cut_off(page) == []
    gate.touch()


def test_the_check_finds_text_that_is_cut_off(busy: House, open_page: OpenPage) -> None:
    page = open_page(f"{busy.portal.url}/monitor?lang=en", width=360)
    title = jobs(page).filter(has_text=ONE_WORD).locator(".etl-title").first
    expect(title).to_be_visible()
    for script in BREAK_LAYOUT:
        assert_nothing_is_cut_off(page)
        title.evaluate(script)
        assert cut_off(page) != []
        title.evaluate("(title) => title.removeAttribute('style')")


def _filters_fit(page: Page, t: Translator) -> None:
    page.get_by_role("button", name=t("filter"), exact=True).first.click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()
    assert_nothing_is_cut_off(page)
    assert_no_violation(page)
