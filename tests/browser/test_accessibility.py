"""Accessibility: axe finds no violation on any page, in both themes and both languages.

test_layout looks at Korean in the light theme, and at English in the dark one, on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from etl_monitor.i18n.translator import Translator
from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.axe import assert_no_violation
from tests.support.marks import connection, jobs, rows
from tests.support.people import Person
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.scripted import SETTING
from tests.support.service_process import running_service

# The contrast between an element's background and the page's, as WCAG defines it.
CONTRAST = """(shown) => {
    const context = document.createElement("canvas").getContext("2d");
    const light = (colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const linear = [...context.getImageData(0, 0, 1, 1).data].map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05;
    };
    const own = light(getComputedStyle(document.querySelector(".stApp")).backgroundColor);
    const other = light(getComputedStyle(shown).backgroundColor);
    return Math.max(own, other) / Math.min(own, other);
}"""
PAGES = ["/", "/monitor", "/activity", "/system"]
GIVE_UP_SOON = {"ETL_MONITOR_RECONNECT_INTERVAL": "0.1", "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1"}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    folder = tmp_path_factory.mktemp("samples")
    with running_portal(folder, environment={"ETL_MONITOR_SAMPLES": "true"}) as process:
        yield process


@pytest.mark.parametrize(("language", "dark"), [("ko", True), ("en", False)])
@pytest.mark.parametrize("path", PAGES)
def test_no_violation(
    path: str, language: str, dark: bool, portal: PortalProcess, open_page: OpenPage
) -> None:
    page = open_page(f"{portal.url}{path}?lang={language}", dark=dark)
    expect(connection(page, "live")).to_be_visible()
    if path in ("/", "/monitor"):
        expect(jobs(page).first).to_be_visible()
    assert_no_violation(page)
    expect(page.locator("html")).to_have_attribute("lang", language)
    if path == "/":
        page.get_by_role("button", name=Translator(language)("samples-remove")).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_no_violation(page, "[role=dialog]")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_violation_on_a_result_page(
    dark: bool, portal: PortalProcess, open_page: OpenPage
) -> None:
    page = open_page(f"{portal.url}/?lang=ko", dark=dark)
    done = rows(page).filter(has=page.locator('[data-status="completed"]')).first
    expect(done).to_be_visible(timeout=60_000)
    done.get_by_role("link").first.click()
    expect(page.get_by_role("tab").first).to_be_visible()
    expect(page.get_by_role("tabpanel").get_by_role("img").first).to_be_visible()
    assert_no_violation(page)
    assert page.locator(".etl-column").first.evaluate(CONTRAST) >= 3, "bars are visible"


def test_no_violation_without_the_service(open_page: OpenPage, tmp_path: Path) -> None:
    """On a page that was open when the service ended, with a job's details, and on new pages."""
    with running_service(tmp_path / "data", env=SETTING) as service:
        where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
        with running_portal(tmp_path, environment=where | GIVE_UP_SOON) as portal:
            someone = Person(service=service, user_id="kim", folder=tmp_path)
            job_id = someone.upload_held()[0]["activeJob"]["jobId"]
            pages = {
                "ko": open_page(f"{portal.url}/monitor?lang=ko", expects=PORTAL_GONE),
                "en": open_page(f"{portal.url}/monitor?lang=en", dark=True, expects=PORTAL_GONE),
            }
            for page in pages.values():
                jobs(page, job_id=job_id).locator("[data-do=toggle]").click()
                expect(page.locator(".etl-steps")).to_be_visible()
            service.kill()
            for page in pages.values():
                _no_violation_when_gone(page)
                expect(page.locator(".etl-steps")).to_be_visible()
            for path, language in (("/", "ko"), ("/activity", "en"), ("/system", "ko")):
                pages[language].goto(f"{portal.url}{path}?lang={language}")
                _no_violation_when_gone(pages[language])


def _no_violation_when_gone(page: Page) -> None:
    expect(connection(page, "disconnected")).to_be_visible()
    expect(page.locator(".etl-view").first).to_be_visible()
    assert_no_violation(page)
