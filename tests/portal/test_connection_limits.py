"""A portal with 256 descriptors serves the pages that it has, whatever else connects to it."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psutil
import pytest
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.support.eventually import eventually
from tests.support.half_open import BEGINNINGS, half_open_requests
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import open_page, open_session, wait_for

pytestmark = pytest.mark.long

DESCRIPTORS = 256
MANY = 300
PAGES = 20


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    folder = tmp_path_factory.mktemp("limited")
    with running_portal(folder, descriptors=DESCRIPTORS) as portal:
        yield portal
        log = portal.log.read_text(encoding="utf-8")
        assert "Traceback" not in log
        assert log.count("connections_turned_away") <= 10  # one a minute


def _open_page(portal: PortalProcess) -> ClientConnection:
    """Open a page's connection. Its script does not run before the page asks for it."""
    address = portal.url.replace("http", "ws", 1) + "/_stcore/stream"
    return connect(
        address, subprotocols=[Subprotocol("streamlit")], origin=Origin(portal.url), open_timeout=60
    )


def _open_many_pages(portal: PortalProcess, stack: ExitStack) -> None:
    for _ in range(DESCRIPTORS):
        stack.enter_context(_open_page(portal))


def _run_again(page: ClientConnection) -> None:
    request = BackMsg()
    request.rerun_script.query_string = "lang=en"
    page.send(request.SerializeToString())
    wait_for(page, "script_finished")


def _is_served(portal: PortalProcess) -> None:
    try:
        reply = requests.get(portal.url + "/healthz", timeout=30)
    except requests.ConnectionError as error:
        raise AssertionError from error
    assert reply.status_code == 200


def test_pages_that_open_together_after_the_start_show_their_components(
    portal: PortalProcess,
) -> None:
    """What the server makes once, for the first page, is made by many threads at once here."""

    def components(_: int) -> int:
        with open_page(portal.url) as page:
            return len(page.components)

    with ThreadPoolExecutor(PAGES) as pool:
        counts = set(pool.map(components, range(PAGES)))
    assert len(counts) == 1


def test_an_open_page_needs_one_descriptor(portal: PortalProcess) -> None:
    """Streamlit's event loop for each page would be three more."""
    process = psutil.Process(portal.process.pid)

    def have_few_more() -> None:
        assert process.num_fds() - before < 2 * PAGES  # the portal calls its service meanwhile

    with open_session(portal.url), ExitStack() as stack:
        before = process.num_fds()
        for _ in range(PAGES):
            stack.enter_context(_open_page(portal))
        eventually(have_few_more)


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS)
def test_half_open_requests_make_room(portal: PortalProcess, beginning: bytes) -> None:
    with open_session(portal.url) as page, half_open_requests(portal.url, beginning, MANY):
        eventually(lambda: _is_served(portal), within=60)
        _run_again(page)


def test_clients_that_do_not_read_make_room(portal: PortalProcess) -> None:
    """Each of them requests more of a file than the system buffers, and holds the file open too."""
    page_text = requests.get(portal.url, timeout=30).text
    script = max(re.findall(r'"\./(static/js/[^"]+)"', page_text), key=lambda name: "index" in name)
    request = f"GET /{script} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\r\n"
    requested = request.encode() * 100
    with open_session(portal.url) as page, half_open_requests(portal.url, requested, MANY):
        eventually(lambda: _is_served(portal), within=60)
        _run_again(page)


def test_at_the_limit_new_pages_get_503_and_the_others_go_on(portal: PortalProcess) -> None:
    eventually(lambda: _is_served(portal), within=60)
    with open_session(portal.url) as first, ExitStack() as stack:
        with pytest.raises(InvalidStatus) as refused:
            _open_many_pages(portal, stack)
        response = refused.value.response
        assert response.status_code == 503
        assert "몇 초 후 다시 시도하세요" in response.body.decode()
        _run_again(first)
    eventually(lambda: _is_served(portal), within=60)
