"""Close a WebSocket whose client opens it and then sends nothing."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIRST_MESSAGE = 60.0  # seconds; a page sends its first message at once
_SILENT = 1008


class SilentSockets:
    """ASGI middleware that ends a WebSocket on which no message comes: it has a descriptor, and
    costs its client nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        is_silent = True

        async def receive_in_time() -> Message:
            nonlocal is_silent
            if not is_silent:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), FIRST_MESSAGE)
            except TimeoutError:
                await send({"type": "websocket.close", "code": _SILENT})
                return {"type": "websocket.disconnect", "code": _SILENT}
            is_silent = message["type"] == "websocket.connect"
            return message

        await self._app(scope, receive_in_time, send)
