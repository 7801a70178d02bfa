"""`HEAD` for the addresses that monitoring systems ask: the same as `GET`, without the body."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PROBES = ("/healthz", "/readyz", "/metrics")


class HeadAsGet:
    """ASGI middleware that answers `HEAD` on `paths`."""

    def __init__(self, app: ASGIApp, *, paths: Collection[str] = PROBES) -> None:
        self._app, self._paths = app, frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] not in self._paths:
            return await self._app(scope, receive, send)

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        return await self._app({**scope, "method": "GET"}, receive, send_without_body)
