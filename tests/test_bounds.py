"""1,000 sessions and 200 breaks of the feed leave nothing behind in a portal.

`benchmarks/leaks.py` does the same and prints the values.
"""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import ClientConnection

from tests.support.eventually import eventually
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import kind_of, open_session
from tests.support.scripted_server import RESET, Exchange, ScriptedServer, reply, stream

pytestmark = pytest.mark.long

JOB = {"jobId": "a", "status": "running", "progress": 10}
WARM_UP = 140  # sessions; Streamlit keeps the last 128 closed ones for two minutes
SESSIONS = 1000
CONCURRENT = 4
EXTRA_MEMORY = 15.0  # MB that the portal may need afterwards; leaked sessions would take 55
BREAKS = 200
FIRST_BREAKS = 20  # before the first measurement
LIST, STREAM = "/etl/jobs", "/etl/jobs/stream"


def event(position: int, percent: int) -> bytes:
    data = f'{{"jobId": "a", "progress": {percent}}}'
    return f"id: {position}\nevent: job_progress\ndata: {data}\n\n".encode()


class Feed:
    """A feed that is quiet until `break_often`: then each connection sends an event and breaks."""

    def __init__(self, server: ScriptedServer) -> None:
        self._server = server
        self._position, self._percent = 5, 10.0
        self._cut = threading.Event()
        server.on("/etl/jobs/counts", reply({"completed": 0}))
        server.on("/tests/results", reply([], x_total_count="0"))
        server.on(LIST, self._list)
        server.on(STREAM, stream(self._quiet))

    def break_often(self, count: int) -> None:
        cut, self._cut = self._cut, threading.Event()
        broken = [stream(self._event, RESET)] * count
        self._server.on(STREAM, *broken, stream(self._quiet))
        cut.set()

    @property
    def connections(self) -> int:
        """The number of connections so far."""
        return len(self._server.seen(STREAM))

    def _list(self, exchange: Exchange) -> None:
        reply([JOB], x_last_event_id=str(self._position), x_total_count="1")(exchange)

    def _event(self, exchange: Exchange) -> None:
        self._position += 1
        self._percent += 85 / (FIRST_BREAKS + BREAKS)
        exchange.write(event(self._position, int(self._percent)))

    def _quiet(self, exchange: Exchange) -> None:
        cut = self._cut
        while not cut.wait(0.2) and not exchange.closing.is_set():
            exchange.write(b":\n\n")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="module")
def feed(server: ScriptedServer) -> Feed:
    return Feed(server)


@contextmanager
def portal_of(server: ScriptedServer, folder: Path, **more: str) -> Iterator[PortalProcess]:
    environment = {
        "ETL_MONITOR_API_URL": server.address,
        "ETL_MONITOR_RECONNECT_INTERVAL": "0.001",
        "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1000",
    }
    with running_portal(folder, environment=environment | more) as process:
        yield process


@pytest.fixture(scope="module")
def portal(
    server: ScriptedServer, feed: Feed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    # Streamlit collects garbage after each run, which takes nine tenths of a session's time. The
    # benchmark leaves this on, as the product does.
    without = {"STREAMLIT_RUNNER_POST_SCRIPT_GC": "false"}
    with portal_of(server, tmp_path_factory.mktemp("bounds"), **without) as process:
        yield process


def metric(portal: PortalProcess, name: str) -> float:
    text = requests.get(f"{portal.url}/metrics", timeout=60).text
    families = text_string_to_metric_families(text)
    return sum(s.value for family in families for s in family.samples if s.name == name)


@dataclass(frozen=True, kw_only=True)
class Open:
    """The resources of the portal's process at one moment."""

    sockets: int
    threads: int


def open_now(portal: PortalProcess) -> Open:
    process = psutil.Process(portal.process.pid)
    return Open(sockets=len(process.net_connections()), threads=process.num_threads())


def settled(portal: PortalProcess) -> Open:
    """Return the resources once they have not changed for two seconds."""
    samples: deque[Open] = deque(maxlen=5)

    def is_stable() -> Open:
        samples.append(open_now(portal))
        assert len(samples) == samples.maxlen, samples
        assert len(set(samples)) == 1, samples
        return samples[-1]

    return eventually(is_stable, within=120, every=0.5)


def assert_as_before(portal: PortalProcess, before: Open) -> None:
    now = open_now(portal)
    assert now.sockets <= before.sockets + 2, (now, before)
    # Thread pools that all sessions share grow with concurrent work.
    assert now.threads <= before.threads + 4, (now, before)


def memory(portal: PortalProcess) -> float:
    """Return the memory of the portal's process in MB."""
    return float(psutil.Process(portal.process.pid).memory_info().rss) / 1e6


def visit(portal: PortalProcess) -> None:
    with open_session(portal.url):
        pass


def many_visits(portal: PortalProcess, count: int) -> None:
    with ThreadPoolExecutor(CONCURRENT) as people:
        list(people.map(lambda _: visit(portal), range(count)))


@contextmanager
def open_page(portal: PortalProcess) -> Iterator[Counter[str]]:
    """Open a page whose messages are read as they arrive, as a browser does; yield their number by
    kind. Unread messages would block the connection, and with it the replies to its pings."""
    messages: Counter[str] = Counter()
    with ThreadPoolExecutor(1) as reader:
        with open_session(portal.url) as page:
            read = reader.submit(_read, page, messages)
            yield messages
        read.result()


def _read(page: ClientConnection, messages: Counter[str]) -> None:
    for content in page:
        messages[kind_of(content)] += 1


@pytest.mark.timeout(600)
def test_closed_sessions_leave_nothing_behind(portal: PortalProcess) -> None:
    many_visits(portal, WARM_UP)
    before, megabytes = settled(portal), memory(portal)
    many_visits(portal, SESSIONS)

    def is_as_before() -> None:
        assert metric(portal, "etl_monitor_sessions") == 0
        assert_as_before(portal, before)
        assert memory(portal) <= megabytes + EXTRA_MEMORY

    eventually(is_as_before, within=120, every=0.5)


@pytest.mark.timeout(600)
def test_breaks_of_the_feed_leave_nothing_behind(portal: PortalProcess, feed: Feed) -> None:
    """A page is open meanwhile."""

    def break_often(count: int) -> None:
        connections = feed.connections
        feed.break_often(count)
        eventually(lambda: is_quiet_again(connections + count), within=240, every=0.5)

    def is_quiet_again(connections: int) -> None:
        broke = metric(portal, "etl_monitor_feed_breaks_total")
        assert feed.connections > connections, (feed.connections, connections, broke)

    with open_page(portal) as messages:
        break_often(FIRST_BREAKS)
        before, finished = settled(portal), messages["script_finished"]
        break_often(BREAKS)
        eventually(lambda: assert_as_before(portal, before), within=120, every=0.5)
        assert messages["script_finished"] > finished, "the page was updated"
