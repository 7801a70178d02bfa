"""Pages of other sites in the same browser, which try to use the portal of this machine."""

from urllib.parse import urlsplit

from playwright.sync_api import Browser

from tests.browser.conftest import House
from tests.support.scripted_server import ScriptedServer, reply

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


_OPEN = """(portal) => new Promise((resolve) => {
  const line = new WebSocket(portal.replace("http", "ws") + "/_stcore/stream", ["streamlit"]);
  line.onopen = () => { line.close(); resolve("open"); };
  line.onerror = () => resolve("refused");
})"""
