"""Bounds on what is read of a request."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.errors import ApiError
from etl_monitor.service.api.responses import BODY_LIMIT

_DRAIN_FOR = 30.0  # seconds


async def at_most(
    limit: int, chunks: AsyncGenerator[bytes, None], refused: ApiError
) -> AsyncGenerator[bytes, None]:
    """Passes the chunks on; raises `refused` beyond `limit` bytes.

    The rest is read first, and thrown away: many clients look at the reply only when they have sent
    everything, and would otherwise see a broken connection in place of the reason.
    """
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            await drained(chunks)
            raise refused
        yield chunk


async def drained(chunks: AsyncGenerator[bytes, None]) -> None:
    """Read the rest and throw it away, for as long as that is worth it. A client that goes
    meanwhile changes nothing about why it was refused."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_DRAIN_FOR):
            async for _ in chunks:
                pass


class BodyLimit:
    """Refuses bodies beyond `BODY_LIMIT`; uploads have their own limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                # The framework lets only its own exceptions through from here.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, counted, send)


def _is_upload(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] == "/tests/results")
