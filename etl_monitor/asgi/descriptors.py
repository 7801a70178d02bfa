"""The file descriptors of a process: one for each connection and each open file.

A system gives a process few of them unless it asks for more. Without a free one, nothing that needs
a file or a connection works.
"""

import asyncio
import errno
import logging
import sys
import time
from typing import Any

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


def log_exhaustion_briefly(loop: asyncio.AbstractEventLoop) -> None:
    """Log one line a minute if the loop has no descriptor left for a connection.

    asyncio itself writes a traceback for each attempt, thousands in a second.
    """
    log = LimitedLog("descriptors_exhausted")

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            log.record()
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


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
