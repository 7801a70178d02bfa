"""A WebSocket on which nothing comes is closed; others are not."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.types import Message, Receive, Scope, Send

from etl_monitor.asgi import silent_sockets
from etl_monitor.asgi.silent_sockets import SilentSockets

CONNECT: Message = {"type": "websocket.connect"}
MESSAGE: Message = {"type": "websocket.receive", "text": "a"}


async def _serve(_scope: Scope, receive: Receive, send: Send) -> None:
    assert await receive() == CONNECT
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": "b"})


def _sent(comes: Sequence[Message]) -> Sequence[str]:
    """Return the types of the messages that are sent to a client that sends `comes` and then
    nothing more; a longer one than the time-out is its last message."""
    incoming: list[Message] = [CONNECT, *comes]
    outgoing: list[str] = []

    async def receive() -> Message:
        if incoming:
            return incoming.pop(0)
        await asyncio.sleep(0.3)
        return {"type": "websocket.disconnect"}

    async def send(message: Message) -> None:
        outgoing.append(message["type"])

    asyncio.run(SilentSockets(_serve)({"type": "websocket"}, receive, send))
    return outgoing


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silent_sockets, "FIRST_MESSAGE", 0.1)


def test_a_silent_socket_is_closed() -> None:
    assert _sent([]) == ["websocket.accept", "websocket.close"]


def test_a_socket_with_a_message_may_be_silent_after_it() -> None:
    assert _sent([MESSAGE]) == ["websocket.accept", "websocket.send"]
