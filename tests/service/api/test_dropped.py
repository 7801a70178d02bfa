"""Clients that go away in the middle of what they send: it ends quietly, and nothing stays."""

import json
import socket
import struct
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from etl_monitor.wire.roles import Role
from tests.support.eventually import eventually
from tests.support.service_process import RunningService
from tests.support.some_tokens import new_token

START = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.json"\r\n\r\n'
HALF = START + b"x" * 3_000_000  # more than is kept in memory
UPLOAD = "POST /tests/results", "multipart/form-data; boundary=b"


def _goes(line: socket.socket) -> None:
    """As a closed browser does."""
    line.close()


def _breaks(line: socket.socket) -> None:
    """As a network does: the other side is told of a reset."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def _half_sent(
    service: RunningService,
    call: str,
    content_type: str,
    body: bytes,
    end: Callable[[socket.socket], None],
    token: str = "",
) -> list[Any]:
    """The lines of the log that name this request, once it is over."""
    this, address = uuid.uuid4().hex, urlsplit(service.base_url)
    head = (
        f"{call} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {content_type}\r\n"
        f"Authorization: Bearer {token or service.token}\r\nX-Request-Id: {this}\r\n"
        f"Content-Length: {2 * len(body)}\r\n\r\n"
    )
    line = socket.create_connection((str(address.hostname), address.port or 0), timeout=20)
    line.sendall(head.encode() + body)
    end(line)

    def told() -> list[Any]:
        log = service.log.read_text("utf-8")
        assert this in log
        return [json.loads(line) for line in log.splitlines() if this in line]

    return eventually(told, within=20)


def _kept(service: RunningService) -> tuple[list[Path], str]:
    folders = [service.data_dir / name for name in ("incoming", "uploads")]
    total = service.call("GET", "/tests/results").headers["X-Total-Count"]
    return [path for folder in folders for path in folder.iterdir()], total


@pytest.mark.parametrize("end", [_goes, _breaks])
@pytest.mark.parametrize("body", [START, HALF], ids=["no byte of it", "half of it"])
def test_half_a_file(
    service: RunningService, end: Callable[[socket.socket], None], body: bytes
) -> None:
    before = _kept(service)
    (line,) = _half_sent(service, *UPLOAD, body, end)
    assert (line["event"], line["level"], line["status"]) == ("request_finished", "info", 499)
    assert line["route"] == "/tests/results"
    assert _kept(service) == before
    eventually(lambda: _has_let_go(service))


def _has_let_go(service: RunningService) -> None:
    """Of what it had received so far: such a file has no name, but takes room."""
    files = Path(f"/proc/{service.process.pid}/fd")
    if files.exists():
        incoming = str(service.data_dir / "incoming")
        assert not [one for one in files.iterdir() if _leads(one).startswith(incoming)]


def _leads(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


def test_half_a_file_of_somebody_who_may_not_send_any(service: RunningService) -> None:
    """Refused for that reason, and written down, though nobody waits for the reply."""
    lines = _half_sent(service, *UPLOAD, HALF, _goes, new_token(service.data_dir, Role.VIEWER))
    assert {line["event"] for line in lines} <= {"action_finished", "request_finished"}
    assert {line["level"] for line in lines} == {"info"}
    newest = service.data("GET", "/activity?limit=1")[0]
    assert (newest["action"], newest["actor"], newest["code"]) == ("upload", "vera", "forbidden")


@pytest.mark.parametrize("call", ["POST /etl/process", "POST /etl/jobs/bulk"])
def test_half_a_request(service: RunningService, call: str) -> None:
    (line,) = _half_sent(service, call, "application/json", b'{"userId": "kim', _goes)
    assert (line["event"], line["level"]) == ("request_finished", "info")
    assert line["status"] in (400, 499), "for nobody to see"
