"""A page sends messages to Streamlit only for its user's actions. Each message makes Streamlit run
the page, and one that arrives while the page changes draws the old page over the new one."""

import json
from functools import partial

from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.scripted import Script


def test_an_update_makes_a_page_send_nothing_but_a_paint_report(
    house: House, open_page: OpenPage
) -> None:
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    sent: list[bytes | str] = []

    def record(socket: WebSocket) -> None:
        socket.on("framesent", lambda frame: sent.append(frame))

    page.on("websocket", record)
    page.reload()
    expect(connection(page, "live")).to_be_visible()
    expect(jobs(page).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    eventually(lambda: _has_announced_its_views(page, sent))
    before = len(sent)
    with page.expect_response("**/drawn") as response:
        house.person.processed(Script(rows=200))
    assert response.value.status == 204
    assert json.loads(response.value.request.post_data or "")["painted"]
    assert sent[before:] == []
    page.goto(f"{house.portal.url}/system?lang=en")
    expect(page.get_by_text("no updates measured yet").first).to_be_visible()
    with page.expect_response("**/drawn"):
        house.person.processed(Script(rows=200))
    eventually(partial(expect(page.get_by_text("no updates measured yet")).to_have_count, 0))


def _has_announced_its_views(page: Page, sent: list[bytes | str]) -> None:
    """Over the live socket, which a busy machine opens late."""
    page.evaluate("0")  # Playwright carries messages meanwhile
    assert any(isinstance(message, str) and '"etl-monitor"' in message for message in sent)
