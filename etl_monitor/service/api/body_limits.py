"""Limits on the size of a request's body."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import suppress
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor.errors import ApiError
from etl_monitor.service.api.responses import BODY_LIMIT

_REPLACEMENT = re.compile(r"/tests/results/[^/]+/file")
_DRAIN_TIMEOUT = 30.0  # seconds


async def at_most(
    limit: int, chunks: AsyncGenerator[bytes, None], error: ApiError
) -> AsyncGenerator[bytes, None]:
    """Yield the chunks; raise `error` beyond `limit` bytes.

    The rest is drained first: many clients read the reply only after they have sent everything, and
    would otherwise see a broken connection instead of the error.
    """
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        if received > limit:
            await drain(chunks)
            raise error
        yield chunk


async def drain(chunks: AsyncGenerator[bytes, None]) -> None:
    """Read and discard the rest, up to a time limit or until the client disconnects."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(_DRAIN_TIMEOUT):
            async for _ in chunks:
                pass


class BodyLimit:
    """Middleware that rejects bodies beyond `BODY_LIMIT`; uploads have their own limit."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        received = 0

        async def receive_limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > BODY_LIMIT:
                # The framework lets only its own exceptions through from here.
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return message

        await self._app(scope, receive_limited, send)


def _is_upload(scope: Scope) -> bool:
    method, path = scope["method"], scope["path"]
    is_new = method == "POST" and path == "/tests/results"
    return is_new or (method == "PUT" and _REPLACEMENT.fullmatch(path) is not None)
