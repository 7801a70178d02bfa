"""Replies of an app that has no descriptor left."""

import asyncio
import errno
from collections.abc import Sequence
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.asgi.descriptors import ExhaustionReply

_SCOPE: Scope = {"type": "http", "method": "GET", "headers": []}
_HEAD: Message = {"type": "http.response.start", "status": 200, "headers": []}
_HEAD_OF_A_FILE: Message = {**_HEAD, "headers": [(b"content-length", b"2")]}
_BODY: Message = {"type": "http.response.body", "body": b"ab"}


def _app(*messages: Message, then: OSError | None = None) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if then is not None:
            raise then

    return app


def _sent(app: ASGIApp) -> Sequence[Message]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is received")

    full = PlainTextResponse("full", status_code=503)
    asyncio.run(ExhaustionReply(app, reply=full)(_SCOPE, receive, send))
    return messages


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
@pytest.mark.parametrize("before", [(), (_HEAD_OF_A_FILE,)])
def test_a_request_without_a_descriptor_is_answered(number: int, before: Sequence[Message]) -> None:
    head, body = _sent(_app(*before, then=OSError(number, "no more")))
    assert (head["status"], body["body"]) == (503, b"full")


@pytest.mark.parametrize(
    "app",
    [
        _app(then=OSError(errno.EIO, "another")),
        _app(_HEAD_OF_A_FILE, _BODY, then=OSError(errno.EMFILE, "too late")),
        _app(_HEAD, then=OSError(errno.EMFILE, "too late")),
    ],
    ids=["another error", "after a part", "after the head of a stream"],
)
def test_other_errors_are_not_hidden(app: ASGIApp) -> None:
    with pytest.raises(OSError, match=r"another|too late"):
        _sent(app)


@pytest.mark.parametrize("head", [_HEAD, _HEAD_OF_A_FILE])
def test_other_replies_are_as_they_were(head: Message) -> None:
    assert _sent(_app(head, _BODY)) == [head, _BODY]
