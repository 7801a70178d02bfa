"""A page speaks to Streamlit only for its person: each word of it has a page drawn, and one that
comes while the page changes has the old page drawn over the new one."""

import json
from functools import partial

from playwright.sync_api import WebSocket, expect

from tests.browser.conftest import House, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.scripted import Script


def test_news_make_no_page_speak_but_of_what_it_has_drawn(
    house: House, open_page: OpenPage
) -> None:
    house.person.processed()
    page = open_page(f"{house.portal.url}/monitor?lang=en")
    spoken: list[bytes | str] = []

    def listen(line: WebSocket) -> None:
        line.on("framesent", lambda word: spoken.append(word))

    page.on("websocket", listen)
    page.reload()
    expect(connection(page, "live")).to_be_visible()
    expect(jobs(page).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    before = len(spoken)
    with page.expect_response("**/drawn") as told:
        house.person.processed(Script(rows=200))
    assert told.value.status == 204
    assert json.loads(told.value.request.post_data or "")["drawn"]
    assert spoken[before:] == []
    page.goto(f"{house.portal.url}/system?lang=en")
    expect(page.get_by_text("no updates measured yet").first).to_be_visible()
    with page.expect_response("**/drawn"):
        house.person.processed(Script(rows=200))
    eventually(partial(expect(page.get_by_text("no updates measured yet")).to_have_count, 0))
