"""What 1,000 sessions and 200 breaks of the feed leave behind in a running portal.

python benchmarks/leaks.py [sessions]     default: 1000

The sessions are real ones, over Streamlit's websocket: each renders the first page and is closed.
The figures are those of the portal's process: threads, sockets, files, memory, and the sessions
that it pushes to. Streamlit keeps the last 128 closed sessions for two minutes in case they return;
so the first figure is taken after as many sessions, and the last one when they are forgotten.
`tests/test_bounds.py` asserts the same.
"""

import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.portal_process import PortalProcess  # noqa: E402
from tests.support.scripted_server import ScriptedServer  # noqa: E402
from tests.test_bounds import (  # noqa: E402
    BREAKS,
    SESSIONS,
    WARM_UP,
    Feed,
    many_visits,
    metric,
    portal_of,
    visit,
)

SESSION_LIFETIME = 130.0  # seconds that Streamlit keeps a closed session, and a little


def main(sessions: int) -> None:
    with ScriptedServer() as server, tempfile.TemporaryDirectory() as folder:
        feed = Feed(server)
        with portal_of(server, Path(folder)) as portal:
            measure(portal, feed, sessions)


def measure(portal: PortalProcess, feed: Feed, sessions: int) -> None:
    print(f"{'':<28}{'threads':>9}{'sockets':>9}{'files':>9}{'memory MB':>11}{'pushed to':>11}")
    many_visits(portal, WARM_UP)
    settle(portal)
    show(f"after {WARM_UP} sessions", portal)
    many_visits(portal, sessions)
    show(f"after {sessions} more, at once", portal)
    settle(portal)
    show(f"{SESSION_LIFETIME:.0f} s later", portal)
    feed.break_often(BREAKS)
    while metric(portal, "etl_monitor_feed_reconnects_total") < BREAKS:
        time.sleep(0.5)
    show(f"after {BREAKS} breaks", portal)


def settle(portal: PortalProcess) -> None:
    """Wait until Streamlit has forgotten the closed sessions; one more visit makes it check."""
    time.sleep(SESSION_LIFETIME)
    visit(portal)
    time.sleep(15)


def show(when: str, portal: PortalProcess) -> None:
    process = psutil.Process(portal.process.pid)
    figures = (process.num_threads(), len(process.net_connections()), open_files(process))
    memory = process.memory_info().rss / 1e6
    pushed = metric(portal, "etl_monitor_sessions")
    print(f"{when:<28}" + "".join(f"{n:>9}" for n in figures) + f"{memory:>11.1f}{pushed:>11.0f}",
          flush=True)  # fmt: skip


def open_files(process: psutil.Process) -> int:
    if sys.platform == "win32":
        return process.num_handles()
    return process.num_fds()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SESSIONS)
