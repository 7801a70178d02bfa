"""For everyone: no violation that axe knows on any page, both themes, both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from etl_monitor.i18n import Texts
from tests.browser.axe import assert_no_violation
from tests.browser.conftest import OpenPage
from tests.browser.marks import connection, jobs, rows
from tests.portal_process import PortalProcess, running_portal

# Of a background to the page's own, as WCAG counts it.
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


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    folder = tmp_path_factory.mktemp("samples")
    with running_portal(folder, environment={"ETL_MONITOR_SAMPLES": "true"}) as process:
        yield process


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
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
        page.get_by_role("button", name=Texts(language)("samples-remove")).click()
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
    assert page.locator(".etl-column").first.evaluate(CONTRAST) >= 3, "bars are seen"
