"""What 1,000 sessions and 200 breaks of the feed leave behind in a running portal.

python benchmarks/leaks.py [sessions]     default: 1000

Sessions are real ones, over Streamlit's websocket: each draws the first page, and is closed. The
figures are the portal's own process: threads, sockets, files, memory, and the sessions that get
pushes. Streamlit keeps the last 128 closed sessions for two minutes, in case that they come back;
so the first figure is taken once as many have been there, and the last one with them gone.
"""

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.portal_process import PortalProcess, running_portal  # noqa: E402
from tests.scripted_server import RESET, Exchange, ScriptedServer, reply, stream  # noqa: E402
from tests.test_bounds import BREAKS, event, figure, visit  # noqa: E402

WARM_UP = 140
KEPT_FOR = 130.0  # seconds that Streamlit keeps a closed session, and a little


def main(sessions: int) -> None:
    cut = threading.Event()
    quiet = until(cut)
    with ScriptedServer() as server, tempfile.TemporaryDirectory() as folder:
        job = {"jobId": "a", "status": "running", "progress": 10}
        server.on("/etl/jobs", reply([job], x_last_event_id="5", x_total_count="1"))
        server.on("/etl/jobs/counts", reply({"completed": 0}))
        server.on("/tests/results", reply([], x_total_count="0"))
        server.on("/etl/jobs/stream", stream(quiet))
        environment = {
            "ETL_MONITOR_API_URL": server.address,
            "ETL_MONITOR_RECONNECT_INTERVAL": "0.001",
            "ETL_MONITOR_MAX_RECONNECT_ATTEMPTS": "1000",
        }
        with running_portal(Path(folder), environment=environment) as portal:
            measure(portal, server, cut, sessions)


def measure(
    portal: PortalProcess, server: ScriptedServer, cut: threading.Event, sessions: int
) -> None:
    print(f"{'':<28}{'threads':>9}{'sockets':>9}{'files':>9}{'memory MB':>11}{'pushed to':>11}")
    visits(portal, WARM_UP)
    settle(portal)
    show(f"after {WARM_UP} sessions", portal)
    visits(portal, sessions)
    show(f"after {sessions} more, at once", portal)
    settle(portal)
    show(f"{KEPT_FOR:.0f} s later", portal)
    broken = [stream(event(6 + n, 11 + n * 80 // BREAKS), RESET) for n in range(BREAKS)]
    server.on("/etl/jobs/stream", *broken, stream(until(threading.Event())))
    cut.set()
    while figure(portal, "etl_monitor_feed_reconnects_total") < BREAKS:
        time.sleep(0.5)
    show(f"after {BREAKS} breaks", portal)


def until(cut: threading.Event):  # type: ignore[no-untyped-def]
    def step(exchange: Exchange) -> None:
        while not cut.wait(0.5) and not exchange.closing.is_set():
            exchange.write(b":\n\n")

    return step


def visits(portal: PortalProcess, count: int) -> None:
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda _: visit(portal), range(count)))


def settle(portal: PortalProcess) -> None:
    """Until Streamlit has forgotten the closed sessions; one more visit makes it look."""
    time.sleep(KEPT_FOR)
    visit(portal)
    time.sleep(15)


def show(when: str, portal: PortalProcess) -> None:
    process = psutil.Process(portal.process.pid)
    files = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
    figures = (process.num_threads(), len(process.net_connections()), files)
    memory = process.memory_info().rss / 1e6
    pushed = figure(portal, "etl_monitor_sessions")
    print(f"{when:<28}" + "".join(f"{n:>9}" for n in figures) + f"{memory:>11.1f}{pushed:>11.0f}",
          flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
