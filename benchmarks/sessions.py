"""What a portal needs for thousands of open pages.

python benchmarks/sessions.py [sessions] [rendered]     default: 2000, all of them

The pages are Streamlit's connections without a browser; so many of them also render the first page.
The portal begins with 1,024 descriptors, as most systems give, and raises that itself. The figures
are those of its process.
"""

import resource
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil
import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

sys.path.insert(0, str(Path(__file__).parent.parent))

from etl_monitor.asgi.descriptors import raise_limit
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import wait_for

USUAL_LIMIT = 1024  # descriptors that a program begins with


def measure(portal: PortalProcess, sessions: int, rendered: int) -> None:
    process = psutil.Process(portal.process.pid)
    print(f"{'sessions':>8}{'descriptors':>13}{'threads':>9}{'memory MB':>11}{'/healthz ms':>13}")
    show(portal, process, 0)
    with ExitStack() as stack:
        for number in range(1, sessions + 1):
            open_page(portal, stack, renders=number <= rendered)
            if number % max(1, sessions // 5) == 0:
                show(portal, process, number)


def open_page(portal: PortalProcess, stack: ExitStack, *, renders: bool) -> None:
    page = stack.enter_context(
        connect(
            portal.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=[Subprotocol("streamlit")],
            origin=Origin(portal.url),
            max_size=None,
            open_timeout=60,
        )
    )
    if renders:
        request = BackMsg()
        request.rerun_script.query_string = "lang=en"
        page.send(request.SerializeToString())
        wait_for(page, "script_finished")


def show(portal: PortalProcess, process: psutil.Process, sessions: int) -> None:
    begin = time.monotonic()
    requests.get(portal.url + "/healthz", timeout=60).raise_for_status()
    delay = (time.monotonic() - begin) * 1000
    memory = process.memory_info().rss / 1e6
    figures = f"{process.num_fds():>13}{process.num_threads():>9}{memory:>11.0f}{delay:>13.0f}"
    print(f"{sessions:>8}{figures}", flush=True)


def main(sessions: int = 2000, rendered: int | None = None) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (USUAL_LIMIT, hard))  # the portal inherits it
    with tempfile.TemporaryDirectory() as folder, running_portal(Path(folder)) as portal:
        raise_limit()
        measure(portal, sessions, sessions if rendered is None else rendered)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
