"""Which hosts and origins are let through. Real requests: tests/portal/test_request_guard.py."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.asgi.request_guard import RequestGuard, host_name, is_same_origin
from etl_monitor.errors import Forbidden

HERE = "127.0.0.1:8501"


async def _application(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("served")(scope, receive, send)


def _respond(error: Forbidden) -> ASGIApp:
    return PlainTextResponse(error.code, status_code=error.status)


def reply(*headers: tuple[str, str], method: str = "GET", kind: str = "http") -> str:
    """Return the body of the reply, or the reason for which a handshake is closed."""
    sent: list[Message] = []
    guard = RequestGuard(_application, hosts=["etl.example.com", "*.corp"], respond=_respond)
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope: dict[str, Any] = {"type": kind, "method": method, "headers": encoded}

    async def send(message: Message) -> None:
        sent.append(dict(message))

    async def receive() -> Message:
        return {"type": "http.request"}

    if kind == "websocket":
        del scope["method"]
    asyncio.run(guard(scope, receive, send))
    if sent[0]["type"] == "websocket.close":
        return str(sent[0]["reason"])
    return str(sent[1]["body"].decode())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8501",
        "127.0.0.1",
        "127.9.8.7:1",
        "[::1]:8501",
        "localhost.",
        "etl.example.com",
        "ETL.example.com.:443",
        "a.corp",
        "a.b.corp:80",
    ],
)
def test_loopback_and_the_allowed_names_are_served(host: str) -> None:
    assert reply(("host", host)) == "served"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "localhost.evil.example",
        "evil.example:8501",
        "127.0.0.1.evil.example",
        "192.0.2.7",
        "0.0.0.0",
        "[::]",
        "corp",
        "notcorp",
        "etl.example.com.evil.example",
        "etl.example.com@evil.example",
        "evil.example#localhost",
        "localhost/x",
        "localhost:x",
        "localhost:99999",
        "[::1",
        "127.1",
        "2130706433",
        "0x7f000001",
    ],
)
def test_every_other_name_is_refused(host: str) -> None:
    assert reply(("host", host)) == "host_not_allowed"


def test_a_request_with_no_host_or_with_two_is_refused() -> None:
    assert reply() == "host_not_allowed"
    assert reply(("host", HERE), ("host", "evil.example")) == "host_not_allowed"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:3000",
        "https://evil.example",
        "null",
        "",
        "file://",
        "http://127.0.0.1",
        "chrome-extension://abc",
        "http://localhost:8501",
        "http://127.0.0.1:8501.evil.example",
    ],
)
def test_a_page_of_another_origin_changes_nothing(method: str, origin: str) -> None:
    assert reply(("host", HERE), ("origin", origin), method=method) == "origin_not_allowed"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8501", "HTTP://127.0.0.1:8501"])
def test_its_own_page_and_a_program_are_served(origin: str) -> None:
    assert reply(("host", HERE), ("origin", origin), method="POST") == "served"
    assert reply(("host", HERE), method="POST") == "served"


def test_two_origins_are_refused() -> None:
    own = ("origin", f"http://{HERE}")
    assert reply(("host", HERE), own, own, method="POST") == "origin_not_allowed"


def test_reading_needs_no_origin() -> None:
    """What a browser lets a foreign page read is decided by the reply's headers."""
    assert reply(("host", HERE), ("origin", "http://localhost:3000")) == "served"


def test_a_handshake_of_a_foreign_page_is_closed() -> None:
    host, foreign = ("host", HERE), ("origin", "http://localhost:3000")
    assert reply(host, foreign, kind="websocket") == "origin_not_allowed"
    assert reply(("host", "evil.example"), kind="websocket") == "host_not_allowed"


def test_a_proxy_may_end_tls() -> None:
    assert is_same_origin("https://etl.example.com", "etl.example.com")
    assert is_same_origin("https://etl.example.com", "etl.example.com:443")
    assert not is_same_origin("https://etl.example.com:8443", "etl.example.com")


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_any_header_gets_an_answer(host: str, origin: str) -> None:
    host_name(host)
    is_same_origin(origin, host)
    answers = {"served", "host_not_allowed", "origin_not_allowed"}
    assert reply(("host", host), ("origin", origin), method="POST") in answers
