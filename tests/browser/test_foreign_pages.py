"""Pages of other sites in the same browser, which try to use the portal of this machine."""

from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, expect

from tests.browser.conftest import House
from tests.support.portal_process import running_portal
from tests.support.scripted_server import Exchange, ScriptedServer, reply

REFUSED = "ETL_MONITOR_ALLOWED_HOSTS"


def test_a_name_that_points_here_shows_nothing_of_the_portal(
    house: House, browser: Browser
) -> None:
    """DNS rebinding: the browser takes the portal for a part of the attacker's own site."""
    port = urlsplit(house.portal.url).port
    page = browser.new_page()
    shown = page.goto(f"http://rebound.test:{port}/")
    assert shown is not None
    assert shown.status == 403
    assert REFUSED in page.content()
    assert "stApp" not in page.content()
    page.close()


def test_a_page_of_another_program_opens_no_session(house: House, browser: Browser) -> None:
    """A page of another port on localhost: for cookies the same site, for us a foreign page."""
    page = browser.new_page()
    with ScriptedServer() as program:
        program.on("/", reply({"page": "of another program"}))
        page.goto(program.address)
        assert page.evaluate(_OPEN, house.portal.url) == "refused"
    page.goto(house.portal.url + "/healthz")
    assert page.evaluate(_OPEN, house.portal.url) == "open", "its own page may"
    page.close()


def test_only_pages_of_a_named_origin_may_show_the_portal_in_a_frame(
    house: House, browser: Browser, tmp_path: Path
) -> None:
    environment = {
        "ETL_MONITOR_API_URL": house.service.base_url,
        "ETL_MONITOR_API_TOKEN": house.service.token,
    }
    page = browser.new_page(locale="en-US")
    with ScriptedServer() as site:
        environment["ETL_MONITOR_FRAME_ANCESTORS"] = site.address
        with running_portal(tmp_path, environment=environment) as portal:
            site.on("/", lambda exchange: _send_frame(exchange, portal.url))
            page.goto(site.address)
            expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
            page.goto(site.address.replace("127.0.0.1", "localhost"))  # another origin
            expect(page.locator("iframe")).to_be_visible()
            assert page.frames[1].url.startswith("chrome-error:")
            page.goto("about:blank")
    page.close()


def _send_frame(exchange: Exchange, url: str) -> None:
    body = f'<iframe src="{url}" width="1000" height="800"></iframe>'.encode()
    exchange.begin(200, {"Content-Type": "text/html", "Content-Length": str(len(body))})
    exchange.write(body)


_OPEN = """(portal) => new Promise((resolve) => {
  const line = new WebSocket(portal.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
  line.onopen = () => { line.close(); resolve("open"); };
  line.onerror = () => resolve("refused");
})"""
