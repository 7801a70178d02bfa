"""Middleware that makes a span of each command, within the trace that its sender names."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor import tracing

_READS = {"GET", "HEAD", "OPTIONS"}


class RequestTracing:
    """Used only if traces are on. A feed, which stays open, and other reads have no span."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _READS:
            await self._app(scope, receive, send)
            return
        status = 0  # none was sent

        async def record(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        with tracing.span("request", parent=Headers(scope=scope).get(tracing.HEADER)):
            try:
                await self._app(scope, receive, record)
            finally:  # the route is known only now
                path = getattr(scope.get("route"), "path", "none")
                tracing.describe(f"{scope['method']} {path}", status=status)
