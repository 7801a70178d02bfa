"""A queue longer than a page: what runs, then what waits, in the order in which it will run."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import House, OpenPage
from tests.support.layout import assert_nothing_is_cut_off
from tests.support.marks import connection, jobs, rows
from tests.support.people import Person
from tests.support.portal_process import running_portal
from tests.support.scripted import SETTING, Script
from tests.support.service_process import running_service

WAITING = 31
PAGE = 25  # jobs
TOP_OF_FOCUS = "() => Math.round(document.activeElement.getBoundingClientRect().top)"
LONG = "A title that needs more than half of the width of a phone"


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A service with one worker: a job has failed, one is held, and 31 wait for it."""
    folder = tmp_path_factory.mktemp("queue")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "1"}) as service:
        where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
        person = Person(service=service, user_id="kim", folder=folder)
        person.processed(Script(fail=True), title="the only failure")
        person.upload_held()
        for number in range(1, WAITING + 1):
            person.upload(title=f"{LONG}, {number}")
        with running_portal(folder, environment=where) as portal:
            yield House(portal=portal, service=service, person=person)


@pytest.fixture
def page(queue: House, open_page: OpenPage) -> Page:
    page = open_page(f"{queue.portal.url}/monitor?lang=en")
    expect(connection(page, "live")).to_be_visible()
    return page


def active(page: Page) -> Locator:
    return page.get_by_role("region", name="Running and waiting").locator(".etl-card")


def numbers(page: Page) -> list[str]:
    """Return the numbers in the titles of the waiting jobs on the page."""
    titles = active(page).locator(".etl-title").all_inner_texts()
    return [title.removeprefix(f"{LONG}, ") for title in titles if title.startswith(LONG)]


def test_a_page_has_what_runs_and_then_what_waits_in_its_order(page: Page) -> None:
    expect(page.get_by_role("heading", name=f"Running and waiting ({WAITING + 1})")).to_be_visible()
    expect(active(page)).to_have_count(PAGE)
    expect(active(page).first).to_have_attribute("data-status", "running")
    assert numbers(page) == [str(number) for number in range(1, PAGE)]
    expect(active(page).nth(1)).to_contain_text("place 1")
    expect(active(page).nth(1)).to_contain_text(re.compile(r"waiting \d\d:\d\d"))
    page.get_by_role("navigation").get_by_role("button", name="Next").first.click()
    expect(active(page)).to_have_count(WAITING + 1 - PAGE)
    assert numbers(page) == [str(number) for number in range(PAGE, WAITING + 1)]
    expect(active(page).last).to_contain_text(f"place {WAITING}")


def test_the_only_failure_is_seen_without_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    attention = page.get_by_role("region", name="Needs attention (1)")
    expect(attention.get_by_text("the only failure")).to_be_in_viewport()


@pytest.mark.parametrize(("path", "width"), [("/", 1366), ("/monitor", 390)])
def test_a_waiting_job_has_no_empty_line_and_is_as_high_as_a_running_one(
    path: str, width: int, queue: House, open_page: OpenPage
) -> None:
    """In Korean, where neither needs a further line on a phone, with titles of one line."""
    page = open_page(f"{queue.portal.url}{path}?lang=ko", width=width)
    page.add_style_tag(content=".etl-title { white-space: nowrap; overflow: hidden; }")
    waiting, running = (jobs(page, status=status).first for status in ("pending", "running"))
    expect(waiting.get_by_text("요청: admin")).to_be_visible()
    expect(waiting.locator(".etl-progress")).to_be_hidden()
    heights = [card.bounding_box() for card in (waiting, running)]
    assert heights[0]
    assert heights[1]
    assert heights[0]["height"] == pytest.approx(heights[1]["height"], abs=0.5)


def test_a_running_row_has_its_button_beside_its_step(queue: House, open_page: OpenPage) -> None:
    """Not in a third line of its own, where two halves share a page."""
    page = open_page(f"{queue.portal.url}/?lang=en&q=A+test", width=1366)
    status = rows(page).locator(".etl-result-status").filter(has_text="Running").first
    button, step = status.get_by_role("button"), status.get_by_text("Step")
    expect(button).to_be_visible()
    boxes = [button.bounding_box(), step.bounding_box()]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] < boxes[1]["y"] + boxes[1]["height"]
    assert boxes[1]["y"] < boxes[0]["y"] + boxes[0]["height"]


def test_on_a_phone_a_waiting_job_moves_to_the_front_beside_its_waiting_time(page: Page) -> None:
    """Not beside its title, which needs the width."""
    page.set_viewport_size({"width": 390, "height": 844})
    waiting = jobs(page, status="pending").first
    front = waiting.get_by_role("button", name=re.compile("to the front"))
    expect(front).to_be_visible()
    button, title = front.bounding_box(), waiting.locator(".etl-title").bounding_box()
    assert button
    assert title
    assert button["y"] > title["y"] + title["height"]
    assert title["width"] > 200
    assert_nothing_is_cut_off(page)


def test_what_has_the_focus_is_not_below_the_header_on_the_way_up(page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    active(page).last.get_by_role("button").last.focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(TOP_OF_FOCUS) >= page.locator("header").evaluate("h => h.offsetHeight")


def test_the_last_one_moves_to_the_front_and_the_activity_says_so(queue: House, page: Page) -> None:
    """Stands last in this module: it changes the order."""
    page.get_by_role("navigation").get_by_role("button", name="Next").first.click()
    expect(active(page)).to_have_count(WAITING + 1 - PAGE)
    last = active(page).last
    job_id = last.get_attribute("data-job-id") or ""
    last.get_by_role("button", name=re.compile("to the front")).click()
    expect(page.get_by_text("Moved to the front of the queue")).to_be_visible()
    page.get_by_role("navigation").get_by_role("button", name="Previous").first.click()
    expect(jobs(page, job_id=job_id)).to_contain_text("place 1")
    assert numbers(page)[:3] == [str(WAITING), "1", "2"]
    page.goto(f"{queue.portal.url}/activity?lang=en")
    expect(page.get_by_role("table")).to_contain_text(f"{LONG}, {WAITING}")
