"""A client disconnects in the middle of a request: one line in the log, and nothing is stored."""

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
HALF = START + b"x" * 3_000_000  # more than the service holds in memory
UPLOAD = "POST /tests/results", "multipart/form-data; boundary=b"


def _close(connection: socket.socket) -> None:
    """End the connection as a closed browser does."""
    connection.close()


def _reset(connection: socket.socket) -> None:
    """End the connection as a broken network does: the other side sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _half_sent(
    service: RunningService,
    call: str,
    content_type: str,
    body: bytes,
    end: Callable[[socket.socket], None],
    token: str = "",
) -> list[Any]:
    """Send half of a request, end the connection, and return the request's log entries."""
    request_id, address = uuid.uuid4().hex, urlsplit(service.base_url)
    head = (
        f"{call} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: {content_type}\r\n"
        f"Authorization: Bearer {token or service.token}\r\nX-Request-Id: {request_id}\r\n"
        f"Content-Length: {2 * len(body)}\r\n\r\n"
    )
    connection = socket.create_connection((str(address.hostname), address.port or 0), timeout=20)
    connection.sendall(head.encode() + body)
    end(connection)

    def log_entries() -> list[Any]:
        log = service.log.read_text("utf-8")
        assert request_id in log
        return [json.loads(line) for line in log.splitlines() if request_id in line]

    return eventually(log_entries, within=20)


def _stored(service: RunningService) -> tuple[list[Path], str]:
    folders = [service.data_dir / name for name in ("incoming", "uploads")]
    total = service.call("GET", "/tests/results").headers["X-Total-Count"]
    return [path for folder in folders for path in folder.iterdir()], total


@pytest.mark.parametrize("end", [_close, _reset])
@pytest.mark.parametrize("body", [START, HALF], ids=["no byte of the file", "half of the file"])
def test_half_a_file(
    service: RunningService, end: Callable[[socket.socket], None], body: bytes
) -> None:
    before = _stored(service)
    (entry,) = _half_sent(service, *UPLOAD, body, end)
    assert (entry["event"], entry["level"], entry["status"]) == ("request_finished", "info", 499)
    assert entry["route"] == "/tests/results"
    assert _stored(service) == before
    eventually(lambda: _has_no_open_upload(service))


def _has_no_open_upload(service: RunningService) -> None:
    """Check that the service has closed the file with what it received.

    The file has no name, but takes space.
    """
    files = Path(f"/proc/{service.process.pid}/fd")
    if files.exists():
        incoming = str(service.data_dir / "incoming")
        assert not [link for link in files.iterdir() if _target(link).startswith(incoming)]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""


def test_half_a_file_from_a_viewer(service: RunningService) -> None:
    """It is rejected because of the role, and the activity log has it."""
    entries = _half_sent(service, *UPLOAD, HALF, _close, new_token(service.data_dir, Role.VIEWER))
    assert {entry["event"] for entry in entries} <= {"action_finished", "request_finished"}
    assert {entry["level"] for entry in entries} == {"info"}
    newest = service.data("GET", "/activity?limit=1")[0]
    assert (newest["action"], newest["actor"], newest["code"]) == ("upload", "vera", "forbidden")


@pytest.mark.parametrize("call", ["POST /etl/process", "POST /etl/jobs/bulk"])
def test_half_a_request(service: RunningService, call: str) -> None:
    (entry,) = _half_sent(service, call, "application/json", b'{"userId": "kim', _close)
    assert (entry["event"], entry["level"]) == ("request_finished", "info")
    assert entry["status"] in (400, 499), "no client sees the status"
