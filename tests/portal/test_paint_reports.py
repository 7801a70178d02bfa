"""Reports of browsers: recorded for the session that they belong to, otherwise ignored."""

import gc
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from etl_monitor.portal import paint_reports
from etl_monitor.portal.latency import Latency

Send = Callable[[bytes | str], requests.Response]


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """Return a function that sends a body as a browser does, to a server on loopback."""
    app = Starlette(routes=[Route("/drawn", paint_reports.receive_report, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/drawn"
        yield lambda body: requests.post(address, data=body, timeout=30)
        server.should_exit = True
        thread.join(30)


def session(table: str) -> tuple[Latency, int]:
    latency = Latency()
    paint_reports.register(table, latency)
    number = latency.record_sent(time.monotonic() - 1.0)
    assert number is not None
    return latency, number


def test_a_report_counts_for_its_own_session(send: Send) -> None:
    (mine, number), (other, _) = session("mine"), session("other")
    reply = send(json.dumps({"table": "mine", "painted": [[number, 400]]}))
    assert (reply.status_code, reply.content) == (204, b"")
    assert mine.delays is not None
    assert mine.delays.count == 1
    assert other.delays is None


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'"mine"', b"\xff", b'{"table": ["mine"]}', b'{"table": "unknown"}'),
        *(b'{"table": "mine", "painted": {"1": 0}}', b"[" * 50_000, b" " * 100_000),
    ],
    ids=range(10),
)
def test_an_invalid_report_is_ignored(send: Send, body: bytes) -> None:
    latency, _ = session("mine")
    assert send(body).status_code == 204
    assert latency.delays is None


def test_a_large_report_is_ignored(send: Send) -> None:
    latency, number = session("mine")
    report = json.dumps({"painted": [[number, 0]], "table": "mine"})
    assert send(report + " " * 70_000).status_code == 204
    assert latency.delays is None


def test_an_ended_session_is_removed(send: Send) -> None:
    session("gone")
    gc.collect()
    assert "gone" not in paint_reports._sessions
    assert send(json.dumps({"table": "gone", "painted": [[1, 0]]})).status_code == 204


def test_there_is_no_address_before_it_is_configured() -> None:
    assert paint_reports.address() is None
    paint_reports.configure("/portal/drawn")
    assert paint_reports.address() == "/portal/drawn"
    paint_reports.configure(None)
    assert paint_reports.address() is None
