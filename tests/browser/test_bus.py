"""Pages without a live socket: what an event sends to them, and frames that are lost."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.conftest import OpenPage
from tests.browser.test_live_channels import LIVE
from tests.support.driven_feed import DrivenFeed, driven_feed
from tests.support.eventually import eventually
from tests.support.marks import connection, jobs
from tests.support.portal_process import running_portal

JOBS = 200
STREAM = re.compile(r"/_stcore/stream$")
MODES = {"bus": {}, "poll": {"ETL_MONITOR_LIVE_UPDATES": "poll"}}


@pytest.fixture(scope="module", params=MODES)
def followed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DrivenFeed, str]]:
    """A feed, and the address of a portal that follows it: one that pushes, or whose pages poll."""
    with driven_feed(JOBS) as feed:
        environment = {"ETL_MONITOR_API_URL": feed.address, **MODES[request.param]}
        folder = tmp_path_factory.mktemp(request.param)
        with running_portal(folder, environment=environment) as portal:
            yield feed, portal.url


@pytest.fixture
def feed(followed: tuple[DrivenFeed, str]) -> DrivenFeed:
    return followed[0]


@pytest.fixture
def page(followed: tuple[DrivenFeed, str], open_page: OpenPage) -> Page:
    return open_page(followed[1] + "/healthz")


@pytest.fixture
def line(page: Page, followed: tuple[DrivenFeed, str]) -> "Line":
    """The line of a page that shows the monitor, live without a socket."""
    feed, address = followed
    page.route_web_socket(LIVE, lambda socket: socket.close(code=1011))
    line = Line(page)
    page.goto(address + "/monitor?lang=en")
    expect(connection(page, "live")).to_be_visible()
    feed.send(0)  # the first event's number is also that of the list
    is_painted(page, feed.send(0))
    line.got.clear()
    return line


def is_painted(page: Page, *rows_done: int) -> None:
    for number in rows_done:
        expect(page.get_by_text(f"{number:,} of 10,000,000 rows")).to_be_visible()


class Line:
    """Streamlit's connection of a page, over which the bus sends its frames.

    While `is_losing`, the page gets the last frame again instead of the new one: what it has of the
    bus stays as it was, as in a browser that is too busy to draw a frame before the next one comes.
    """

    def __init__(self, page: Page) -> None:
        self.is_losing = False
        self.got: list[bytes] = []  # messages with frames
        self.lost: list[bytes] = []
        self._page, self._last = page, ""
        self._send: Callable[[bytes], None] = lambda content: None
        page.route_web_socket(STREAM, self._route)

    def wholes(self) -> int:
        """Return how many views were sent as wholes."""
        sent = (news for content in self.got for news in _updates(content).values())
        return sum("whole" in news for news in sent)

    def loses(self, rows_done: int) -> None:
        """Wait until a frame that says this is lost."""

        def is_lost() -> None:
            self._page.evaluate("0")  # Playwright carries messages meanwhile
            assert any(f"{rows_done:,}".encode() in content for content in self.lost)

        eventually(is_lost)

    def send(self, content: bytes) -> None:
        self._send(content)

    def _route(self, socket: WebSocketRoute) -> None:
        self._send = socket.send
        server = socket.connect_to_server()
        server.on_message(lambda content: socket.send(self._carried(content)))

    def _carried(self, content: str | bytes) -> str | bytes:
        if not isinstance(content, bytes) or not _updates(content):
            return content
        if self.is_losing:
            self.lost.append(content)
            return _with_text(content, self._last)
        self.got.append(content)
        self._last = _parsed(content).delta.new_element.bidi_component.json
        return content


def _updates(content: bytes) -> dict[str, Any]:
    """Return what a message of Streamlit's has for the views; nothing if it is none of the bus."""
    text = _parsed(content).delta.new_element.bidi_component.json
    updates: dict[str, Any] = (json.loads(text) if text else {}).get("updates", {})
    return updates


def _with_text(content: bytes, text: str) -> bytes:
    message = _parsed(content)
    message.delta.new_element.bidi_component.json = text
    content_with_text: bytes = message.SerializeToString()
    return content_with_text


def _parsed(content: bytes) -> ForwardMsg:
    message = ForwardMsg()
    message.ParseFromString(content)
    return message


def test_an_event_sends_what_has_changed(feed: DrivenFeed, page: Page, line: Line) -> None:
    rows_done = feed.send(1)
    is_painted(page, rows_done)
    (sent, *_) = [content for content in line.got if f"{rows_done:,}".encode() in content]
    assert len(sent) < 2_000
    assert line.wholes() == 0


def test_a_frame_repeats_what_the_lost_one_before_said(
    feed: DrivenFeed, page: Page, line: Line
) -> None:
    line.is_losing = True
    first = feed.send(1)
    line.loses(first)
    line.is_losing = False
    is_painted(page, first, feed.send(2))
    assert line.wholes() == 0


def test_a_page_that_lost_too_much_gets_the_whole(feed: DrivenFeed, page: Page, line: Line) -> None:
    jobs(page, job_id="job-0").get_by_role("button", name="Cancel job").click()
    reason = page.get_by_role("dialog").get_by_label("Reason (optional)")
    reason.fill("being typed")
    line.is_losing = True
    first = feed.send(1)
    line.loses(first)

    def is_no_longer_repeated() -> None:
        line.loses(feed.send(2))
        assert f"{first:,}".encode() not in line.lost[-1]

    eventually(is_no_longer_repeated)
    line.is_losing = False
    is_painted(page, first, feed.send(3))
    assert line.wholes() > 0
    expect(reason).to_have_value("being typed")
    expect(reason).to_be_focused()
    line.got.clear()
    is_painted(page, feed.send(4))
    assert line.wholes() == 0


def test_a_frame_that_was_overtaken_changes_nothing(
    feed: DrivenFeed, page: Page, line: Line
) -> None:
    first = feed.send(1)
    is_painted(page, first)
    old = line.got[-1]
    second = feed.send(1)
    is_painted(page, second)
    line.send(old)
    is_painted(page, second, feed.send(2))
    assert line.wholes() == 0
