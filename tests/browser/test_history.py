"""The history below the monitor: when jobs ran and how many ended, as charts and as tables."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.layout import assert_nothing_is_cut_off
from tests.support.marks import connection, jobs
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING, Script
from tests.support.scripted_server import ScriptedServer
from tests.support.service_process import RunningService, running_service

MARKUP = "<b>Wolf</b> *and* [fox](http://example.com)"
SEOUL = ZoneInfo("Asia/Seoul")  # the time zone of the tests' browsers
DARK_RED = "#ff9a92"  # .streamlit/config.toml


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder / "data", env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as running:
        yield running


@pytest.fixture(scope="module")
def person(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """A person with two tests: one with an odd title failed, the other one was completed."""
    someone = Person(service=service, user_id="kim", folder=tmp_path_factory.mktemp("kim"))
    failed = someone.upload(Script(fail=True), title=MARKUP)
    someone.job_becomes(failed["activeJob"]["jobId"], "failed")
    done = someone.upload(Script(rows=1234), title="Fox")
    someone.job_becomes(done["activeJob"]["jobId"], "completed")
    return someone


@pytest.fixture(scope="module")
def portal(person: Person, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    where = {
        "ETL_MONITOR_API_URL": person.service.base_url,
        "ETL_MONITOR_API_TOKEN": person.service.token,
    }
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


def section(page: Page) -> Locator:
    return page.get_by_test_id("stExpander").filter(has_text=re.compile("Timeline|타임라인"))


def bars(page: Page) -> Locator:
    """The bars of the timeline."""
    return section(page).locator("svg").last.locator('[aria-roledescription="bar"]')


def _history_requests(service: RunningService) -> int:
    figures = service.call("GET", "/metrics").text
    lines = [line for line in figures.splitlines() if 'route="/etl/history"' in line]
    counts = [line for line in lines if line.startswith("etl_monitor_requests_total")]
    return sum(int(float(line.split()[-1])) for line in counts)


def test_closed_it_requests_nothing_and_open_it_shows_every_job(
    portal: PortalProcess, person: Person, open_page: OpenPage
) -> None:
    page = open_page(f"{portal.url}/monitor", dark=True)
    expect(jobs(page, status="failed")).to_be_visible()
    expect(section(page)).to_be_visible()
    assert _history_requests(person.service) == 0
    section(page).get_by_text("Timeline and throughput").click()
    expect(bars(page)).to_have_count(2)
    assert _history_requests(person.service) == 1
    expect(page).to_have_url(re.compile("history=true"))
    failed = bars(page).filter(visible=True).and_(page.locator('[aria-label*="Wolf"]'))
    expect(failed).to_have_attribute("aria-label", re.compile(re.escape(f"{MARKUP}, Failed, ")))
    expect(failed).to_have_attribute("fill", DARK_RED)
    expect(section(page).get_by_test_id("stMetricValue")).to_have_text(["1", "1", "0", "1,234"])


def test_times_are_in_the_readers_time_zone(portal: PortalProcess, open_page: OpenPage) -> None:
    page = open_page(f"{portal.url}/monitor?history=true&history-period=6h")
    hours = [f"{datetime.now(SEOUL) - timedelta(hours=ago):%H}" for ago in (0, 1)]
    label = re.compile(rf"^({'|'.join(hours)})(:\d\d)+$")
    expect(section(page).locator("svg text", has_text=label).first).to_be_attached()


def test_a_bar_has_a_tooltip_and_opens_its_job(portal: PortalProcess, open_page: OpenPage) -> None:
    page = open_page(f"{portal.url}/monitor?history=true&history-period=1h")
    mark = section(page).locator(".mark-symbol path").first
    mark.hover()
    tooltip = page.locator("#vg-tooltip-element")
    expect(tooltip).to_contain_text(MARKUP)
    expect(tooltip).to_contain_text("Failed")
    mark.click()
    expect(page).to_have_url(re.compile(r"/monitor\?job="))
    expect(jobs(page).first).to_contain_text(MARKUP)


def test_grouping_and_tables_are_in_a_link_for_readers_of_any_language(
    portal: PortalProcess, open_page: OpenPage
) -> None:
    page = open_page(f"{portal.url}/monitor?history=true")
    page.get_by_role("radio", name="Kind of test").click()
    expect(section(page).locator("svg text", has_text="Scripted")).to_be_attached()
    page.get_by_role("radio", name="Tables").click()
    tables = section(page).get_by_role("table")
    expect(tables).to_have_count(2)
    expect(tables.last.get_by_role("link", name=MARKUP)).to_have_attribute(
        "href", re.compile(r"(^|/)monitor\?job=")
    )
    expect(page).to_have_url(re.compile("history-by=kind&history-as=table"))
    korean = open_page(page.url + "&lang=ko", locale="ko-KR")
    expect(section(korean).get_by_role("columnheader", name="걸린 시간")).to_be_visible()
    expect(section(korean).get_by_role("cell", name="실패")).to_be_visible()


def test_it_is_unchanged_until_it_is_refreshed(
    portal: PortalProcess, person: Person, open_page: OpenPage
) -> None:
    page = open_page(f"{portal.url}/monitor?history=true&history-period=7d")
    expect(bars(page)).to_have_count(2)
    as_of = section(page).get_by_text("As of ")
    before = as_of.text_content()
    test, gate = person.upload_held(rows=10)
    job_id = test["activeJob"]["jobId"]
    expect(jobs(page, job_id=job_id, status="running")).to_be_visible()
    expect(bars(page)).to_have_count(2)
    assert as_of.text_content() == before
    section(page).get_by_role("button", name="Refresh").click()
    expect(bars(page)).to_have_count(3)
    expect(bars(page).and_(page.locator('[aria-label*="Running"]'))).to_have_count(1)
    gate.touch()
    expect(jobs(page, job_id=job_id, status="completed")).to_be_visible()
    expect(bars(page)).to_have_count(3)


def test_narrow_and_wide_nothing_is_cut_off(portal: PortalProcess, open_page: OpenPage) -> None:
    for width in (360, 1440):
        page = open_page(f"{portal.url}/monitor?history=true", width=width)
        expect(bars(page).first).to_be_visible()
        assert_nothing_is_cut_off(page)


def test_an_empty_history_suggests_an_upload(tmp_path: Path, open_page: OpenPage) -> None:
    with running_portal(tmp_path) as fresh:
        page = open_page(f"{fresh.url}/monitor?history=true", expects=PORTAL_GONE)
        expect(section(page).get_by_text("upload an answer file")).to_be_visible()
        expect(section(page).locator("svg.marks")).to_have_count(0)


def test_a_back_end_without_a_history_says_so(tmp_path: Path, open_page: OpenPage) -> None:
    with ScriptedServer() as server:
        where = {"ETL_MONITOR_API_URL": server.address}
        with running_portal(tmp_path, environment=where) as portal:
            page = open_page(f"{portal.url}/monitor?history=true&lang=ko", expects=PORTAL_GONE)
            expect(section(page).get_by_text("지난 처리 내역을 제공하지 않습니다")).to_be_visible()
            expect(connection(page, "live")).to_have_count(0)
