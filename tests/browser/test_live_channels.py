"""The pages' live sockets: shared drawings, what happens without a socket, and after a break."""

import re

import requests
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs

LIVE = re.compile(r"/live$")


def metric(house: House, name: str) -> float:
    """Return a value of the portal's metrics."""
    lines = requests.get(house.portal.url + "/metrics", timeout=10).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


def sockets_are(house: House, count: int, *, routed_by: Page | None = None) -> None:
    """Wait for so many sockets. Playwright lets a page's socket through only while it is called."""

    def are() -> None:
        if routed_by is not None:
            routed_by.evaluate("0")
        assert metric(house, "etl_monitor_live_sockets") == count

    eventually(are, within=60)


def ends_on(house: House, *pages: Page, opens: str = "/monitor?lang=en") -> None:
    """Show a running job on these pages, let it end, and wait until all of them say so."""
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    for page in pages:
        page.goto(house.portal.url + opens)
        expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "running")
    gate.touch()
    for page in pages:
        expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "completed")


def test_two_people_with_equal_filters_share_each_drawing(
    house: House, open_page: OpenPage
) -> None:
    one, other, korean = (open_page(house.portal.url + "/healthz") for _ in range(3))
    sockets_are(house, 0)
    ends_on(house, one)
    sockets_are(house, 1)
    channels = metric(house, "etl_monitor_live_channels")
    ends_on(house, one, other)
    sockets_are(house, 2)
    assert metric(house, "etl_monitor_live_channels") == channels
    ends_on(house, one, korean, opens="/monitor?lang=ko")
    assert metric(house, "etl_monitor_live_channels") > channels


def opened(page: Page, job_id: str, status: str = "running") -> Locator:
    """Open the details of a job on this page."""
    job = jobs(page, job_id=job_id)
    expect(job).to_have_attribute("data-status", status)
    job.get_by_role("button", name=f"Details {job_id[:8]}").click()
    expect(job.locator(".etl-details dl")).to_be_visible()
    return job


def test_people_with_different_open_jobs_share_the_drawing_of_the_list(
    house: House, open_page: OpenPage
) -> None:
    """The details of each open job are a drawing of their own, for all who have opened it."""
    first, second = (house.person.upload_held() for _ in range(2))
    one, other = (open_page(house.portal.url + "/healthz") for _ in range(2))
    sockets_are(house, 0)
    for page in (one, other):
        page.goto(house.portal.url + "/monitor?lang=en")
    sockets_are(house, 2)
    channels = metric(house, "etl_monitor_live_channels")

    def there_are(more: int) -> None:
        assert metric(house, "etl_monitor_live_channels") == channels + more

    ids = [test["activeJob"]["jobId"] for test, _ in (first, second)]
    jobs_of_one = opened(one, ids[0])
    eventually(lambda: there_are(1))
    opened(other, ids[0])
    eventually(lambda: there_are(1))
    opened(other, ids[1])
    eventually(lambda: there_are(2))
    for _, gate in (first, second):
        gate.touch()
    expect(jobs_of_one).to_have_attribute("data-status", "completed")
    for page in (one, other):
        expect(jobs(page, job_id=ids[0]).locator("dt", has_text="Finished")).to_be_visible()
    jobs_of_one.locator("[data-do=toggle]").click()
    expect(jobs_of_one.locator(".etl-details")).to_have_count(0)
    expect(jobs(other, job_id=ids[0]).locator(".etl-details")).to_be_visible()


def test_an_open_job_that_comes_with_the_news_brings_its_details(
    house: House, open_page: OpenPage
) -> None:
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page = open_page(house.portal.url + "/monitor?lang=en")
    job = opened(page, job_id)
    page.locator('.etl-chip[data-tone="completed"]').click()
    expect(job).to_have_count(0)
    gate.touch()
    expect(job).to_have_attribute("data-status", "completed")
    expect(job.locator("dt", has_text="Finished")).to_be_visible()


def test_without_a_socket_details_are_live_too(house: House, open_page: OpenPage) -> None:
    page = open_page(house.portal.url + "/healthz")
    page.route_web_socket(LIVE, lambda socket: socket.close(code=1011))
    test, gate = house.person.upload_held()
    page.goto(house.portal.url + "/monitor?lang=en")
    job = opened(page, test["activeJob"]["jobId"])
    gate.touch()
    expect(job).to_have_attribute("data-status", "completed")
    expect(job.locator("dt", has_text="Finished")).to_be_visible()


def test_without_a_socket_the_page_is_live_all_the_same(house: House, open_page: OpenPage) -> None:
    page = open_page(house.portal.url + "/healthz")
    refused: list[WebSocketRoute] = []

    def refuse(socket: WebSocketRoute) -> None:
        refused.append(socket)
        socket.close(code=1011)

    page.route_web_socket(LIVE, refuse)
    ends_on(house, page)
    assert refused
    assert metric(house, "etl_monitor_live_sockets") == 0


def test_after_a_break_of_the_socket_the_page_goes_on(house: House, open_page: OpenPage) -> None:
    page = open_page(house.portal.url + "/healthz")
    lines: list[WebSocketRoute] = []

    def let_through(socket: WebSocketRoute) -> None:
        lines.append(socket)
        socket.connect_to_server()

    page.route_web_socket(LIVE, let_through)
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    page.goto(house.portal.url + "/monitor?lang=en")
    expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "running")
    sockets_are(house, 1, routed_by=page)
    lines[0].close()
    gate.touch()
    expect(jobs(page, job_id=job_id)).to_have_attribute("data-status", "completed")
    sockets_are(house, 1, routed_by=page)
    assert len(lines) > 1
