"""A page without a connection, as after a sleep: it says so, and recovers by itself."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import PORTAL_GONE, House, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.marks import connection, jobs, row
from tests.support.portal_process import running_portal

WATCH_CLOCK = """(elapsed) => {
    const clock = [...document.querySelectorAll(".etl-card .etl-number")]
        .find((element) => element.textContent.includes(elapsed));
    window.ticks = new Set();
    const record = () => { ticks.add(clock.textContent); requestAnimationFrame(record); };
    requestAnimationFrame(record);
}"""


class Line:
    """The WebSocket between a page and its portal. While it is cut, nothing gets through."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._ends: list[WebSocketRoute] = []
        page.route_web_socket(re.compile("/_stcore/stream"), self._carry)

    def cut(self) -> None:
        self._is_cut = True
        for end in self._ends:
            end.close(code=1001)
        self._ends.clear()

    def mend(self) -> None:
        self._is_cut = False

    def _carry(self, page: WebSocketRoute) -> None:
        if self._is_cut:
            page.close(code=1001)
        else:
            self._ends += [page, page.connect_to_server()]


def test_events_during_a_disconnection_are_shown_after_it(
    house: House, open_page: OpenPage
) -> None:
    """The page was at rest before, and no event follows. A click on a link during the disconnection
    changes neither the page nor its address."""
    shown = house.person.processed(title="before the line was cut")
    page = open_page(f"{house.portal.url}/?lang=en", expects=PORTAL_GONE)
    line = Line(page)
    page.reload()
    expect(connection(page, "live")).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    page.evaluate("window.neverReloaded = true")
    line.cut()
    expect(connection(page, "reconnecting")).to_be_visible()
    row(page, shown["title"]).get_by_role("link").first.dispatch_event("click")
    expect(page).to_have_url(re.compile(r"/\?lang=en$"))
    test = house.person.processed(title="while the line was cut")
    line.mend()
    expect(connection(page, "live")).to_be_visible(timeout=60_000)
    expect(row(page, test["title"]).locator('[data-status="completed"]')).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("ko", True)])
def test_a_page_survives_a_restart_of_its_portal(
    language: str, dark: bool, house: House, open_page: OpenPage, tmp_path: Path
) -> None:
    """The next session counts its runs from the start, as it does after a long sleep."""
    where = {
        "ETL_MONITOR_API_URL": house.service.base_url,
        "ETL_MONITOR_API_TOKEN": house.service.token,
    }
    t = Translator(language)
    test, gate = house.person.upload_held()
    job_id = test["activeJob"]["jobId"]
    with running_portal(tmp_path, environment=where) as portal:
        page = open_page(f"{portal.url}/monitor?lang={language}", dark=dark, expects=PORTAL_GONE)
        job = jobs(page, job_id=job_id)
        for key in ("details", "details-close", "details"):
            job.get_by_role("button", name=f"{t(key)} {job_id[:8]}").click()
        expect(job.get_by_role("button", name=t("details-close"))).to_be_visible()
        page.evaluate("window.neverReloaded = true")
    expect(connection(page, "reconnecting")).to_be_visible()
    expect(page.locator(".etl-freshness")).to_be_visible()
    _clocks_stand_still(page, t("elapsed"))
    assert_no_violation(page, ".etl-view")
    expect(page.get_by_role("dialog", name=t("name-lost"))).to_be_visible(timeout=60_000)
    with running_portal(tmp_path, environment=where, port=urlsplit(portal.url).port):
        expect(connection(page, "live")).to_be_visible(timeout=60_000)
        gate.touch()
        expect(jobs(page, job_id=job_id, status="completed")).to_be_visible()
        assert page.evaluate("window.neverReloaded") is True


def _clocks_stand_still(page: Page, elapsed: str) -> None:
    """Assert it while the badge counts the time since the last event."""
    page.evaluate(WATCH_CLOCK, elapsed)
    before = page.locator(".etl-badge").text_content() or ""
    expect(page.locator(".etl-badge")).not_to_have_text(before)
    assert len(page.evaluate("[...window.ticks]")) == 1
