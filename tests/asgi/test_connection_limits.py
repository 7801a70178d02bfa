"""Time-outs of a server's connections: a request that does not come ends its connection, one that
is complete is never cut off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psutil
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from etl_monitor.asgi import connection_limits
from etl_monitor.asgi.connection_limits import limit_connections

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
WITHOUT_WAITING = b"GET /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"
LARGE = 64 * 2**20  # bytes
LIMIT = 60.0  # seconds that no test needs

Client = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class App:
    """Answers with the body that it has read; `/refuse` without reading, `/slow` when it may.
    `/large`: with more than the system buffers."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = b"" if request.url.path == "/refuse" else await request.body()
        if request.url.path == "/slow":
            await self.may_answer.wait()
        if request.url.path == "/large":
            body = b"x" * LARGE
        await PlainTextResponse(body)(scope, receive, send)


class Server(uvicorn.Server):
    async def startup(self, sockets: object = None) -> None:
        limit_connections(self, rejection="full", content_type="text/plain")
        await super().startup()


@asynccontextmanager
async def _serving(app: App) -> AsyncIterator[int]:
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None)
    server = Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


def _run(client: Client, app: App | None = None) -> None:
    async def running() -> None:
        async with asyncio.timeout(LIMIT), _serving(app or App()) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            await client(reader, writer)
            writer.close()

    asyncio.run(running())


async def _read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_TIMEOUT", "BODY_TIMEOUT", "READ_TIMEOUT", "REFUSED_BODY_TIMEOUT"):
        monkeypatch.setattr(connection_limits, name, 0.2)


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("sent", [b"", b"GET / HT", HEAD, HEAD + b"x"])
def test_a_request_that_does_not_come_ends_its_connection(sent: bytes) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        assert await _read_to_the_end(reader) == b""

    _run(client)


@pytest.mark.usefixtures("_short")
def test_the_head_has_to_be_complete_in_time_however_it_comes() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nX-Long: ")
        end = asyncio.create_task(_read_to_the_end(reader))
        while not end.done():
            writer.write(b"x")
            await asyncio.sleep(0.01)

    _run(client)


@pytest.mark.usefixtures("_short")
def test_a_refused_body_is_not_waited_for() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(WITHOUT_WAITING)
        assert (await _read_to_the_end(reader)).startswith(b"HTTP/1.1 200")

    _run(client)


@pytest.mark.usefixtures("_short")
@pytest.mark.parametrize("header", ["", "Connection: close\r\n"])
@pytest.mark.parametrize("requests", [1, 3])
def test_a_reply_has_to_be_read(header: str, requests: int) -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        request = f"GET /large HTTP/1.1\r\nHost: a\r\n{header}\r\n".encode()
        writer.write(request * requests)
        while _descriptors_of(writer):
            await asyncio.sleep(0.05)
        transport.resume_reading()
        assert len(await _read_to_the_end(reader)) < LARGE

    _run(client)


def _descriptors_of(writer: asyncio.StreamWriter) -> bool:
    """Whether the server, which is in this process, still has its end of the connection."""
    port = writer.get_extra_info("sockname")[1]
    connections = psutil.Process().net_connections()
    return any(getattr(c.raddr, "port", None) == port for c in connections)


@pytest.mark.usefixtures("_short")
def test_a_reply_that_is_read_slowly_is_complete() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        size = 0
        while part := await reader.read(2**20):
            size += len(part)
            await asyncio.sleep(0.01)  # in all longer than the time-out
        assert size > LARGE

    _run(client)


@pytest.mark.usefixtures("_short")
def test_a_complete_request_has_all_the_time() -> None:
    app = App()

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD.replace(b"POST /", b"POST /slow") + b"ab")
        with pytest.raises(TimeoutError):  # longer than all time-outs
            async with asyncio.timeout(0.6):
                await reader.read(1)
        app.may_answer.set()
        assert (await reader.readuntil(b"ab")).startswith(b"HTTP/1.1 200")

    _run(client, app)


def test_a_connection_is_used_again() -> None:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            writer.write(HEAD + b"ab")
            assert (await reader.readuntil(b"ab")).startswith(b"HTTP/1.1 200")

    _run(client)


def test_a_full_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_limits.Connections, "admit", lambda *_: False)

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD)
        reply = await reader.read()
        assert reply.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert reply.endswith(b"\r\nRetry-After: 5\r\n\r\nfull")

    _run(client)
