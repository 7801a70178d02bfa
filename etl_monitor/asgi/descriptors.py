"""The file descriptors of a process: one for each connection and each open file.

A system gives a process few of them unless it asks for more. Without a free one, nothing that needs
a file or a connection works.
"""

import asyncio
import errno
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ENOUGH = 65_536
_LOG_INTERVAL = 60.0  # seconds
_EXHAUSTED = (errno.EMFILE, errno.ENFILE)

_log = logging.getLogger(__name__)


def raise_limit() -> int | None:
    """Raise this process's limit as far as it may, and return it; None: there is none to raise."""
    if sys.platform == "win32":
        return None
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    target = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft < target:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
        except (ValueError, OSError) as error:  # macOS allows less than it says
            _log.warning("descriptor_limit_not_raised", extra={"reason": str(error)})
            return soft
    return max(soft, target)


def handle_exhaustion(loop: asyncio.AbstractEventLoop, relieve: Callable[[], None]) -> None:
    """Call `relieve` if the loop has no descriptor for a connection, and log one line a minute.

    asyncio itself writes a traceback for each attempt, thousands in a second.
    """
    log = LimitedLog("descriptors_exhausted")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            log.record()
            relieve()
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


class ExhaustionReply:
    """ASGI middleware that answers with `reply` if there is no descriptor left for the app, such as
    for the file that it was going to send."""

    def __init__(self, app: ASGIApp, *, reply: ASGIApp) -> None:
        self._app, self._reply = app, reply
        self._log = LimitedLog("descriptors_exhausted")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        late = _LateHead(send)
        try:
            await self._app(scope, receive, late.send)
        except OSError as error:
            if error.errno not in _EXHAUSTED or late.has_started:
                raise
            self._log.record()
            await self._reply(scope, receive, send)


class _LateHead:
    """Sends the head of a reply of known length with its first part: a file is opened in between.
    Other replies, such as feeds, may have no part for long."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: Message | None = None
        self.has_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and "content-length" in Headers(scope=message):
            self._head = message
            return
        self.has_started = True
        if self._head is not None:
            await self._send(self._head)
            self._head = None
        await self._send(message)


class LimitedLog:
    """Logs a warning at most once a minute, with how often there was a reason for it."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._count = 0
        self._due = 0.0

    def record(self) -> None:
        self._count += 1
        now = time.monotonic()
        if now >= self._due:
            _log.warning(self._event, extra={"times": self._count})
            self._count, self._due = 0, now + _LOG_INTERVAL
