"""The portal's life: the embedded service, the follower, the live updates, and what it answers.

`app.py` hands the lifespan hook, the routes and the headers to Streamlit. Start: service, follower,
live updates; stop: the other way round.
"""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from etl_monitor import monitoring
from etl_monitor.client.transport import display_url
from etl_monitor.errors import EtlMonitorError
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import paint_reports, push, startup_checks
from etl_monitor.portal.routes import PAINT_REPORTS_PATH, public_path
from etl_monitor.portal.service_process import CANNOT_START, ServiceProcess
from etl_monitor.settings import Settings
from etl_monitor.version import VERSION

COLLECT_EVERY = 10.0  # seconds

_log = logging.getLogger(__name__)


class Portal:
    """Everything of this process that is not a page."""

    def __init__(self, *, settings: Settings) -> None:
        """Raises SettingError where anybody could reach it without signing in."""
        startup_checks.check(settings)
        self._settings = settings
        self._child: ServiceProcess | None = None

    @asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[dict[str, Any]]:
        """Runs on the server's event loop: from before the first page until after the last."""
        followed = await asyncio.to_thread(self._start_or_say_why)
        updates = self._start_live_updates(followed)
        collecting = asyncio.create_task(collect_now_and_then())
        paint_reports.configure(public_path(PAINT_REPORTS_PATH))
        address = display_url(followed.client.base_url)
        _log.info("portal_started", extra={"version": VERSION, "service": address})
        try:
            yield {}
        finally:
            _log.info("portal_stopping")
            collecting.cancel()
            paint_reports.configure(None)
            push.install(None)
            updates()
            await asyncio.to_thread(self._stop, followed)

    def _start_or_say_why(self) -> Monitoring:
        """Uvicorn prints a traceback for whatever a hook raises; a person needs one line."""
        try:
            return self._start()
        except EtlMonitorError as error:
            give_up(error)

    def _start(self) -> Monitoring:
        url, token = self._settings.api_url, self._settings.api_token
        if url is None:
            self._child = ServiceProcess(on_ready=_nudge)
            self._child.start()
            return monitoring.open_monitoring(self._child.url, self._child.token, self._settings)
        secret = token.get_secret_value() if token else None
        return monitoring.open_monitoring(url, secret, self._settings)

    def _start_live_updates(self, followed: Monitoring) -> Callable[[], None]:
        if self._settings.live_updates == "poll":
            return lambda: None
        if not push.is_supported():
            _log.warning("push_unsupported", extra={"instead": "poll"})
            return lambda: None
        updates = push.LiveUpdates(asyncio.get_running_loop())
        push.install(updates)
        unsubscribe = followed.store.subscribe(updates.notify)

        def end() -> None:
            unsubscribe()
            updates.close()

        return end

    def _stop(self, followed: Monitoring) -> None:
        followed.close()
        if self._child is not None:
            self._child.stop()


async def collect_now_and_then() -> None:
    """What closed pages leave behind. In the place of Streamlit's `postScriptGC`, which does it
    after every run of every page: with 20 of them open one event cost 1.6 s."""
    while True:
        await asyncio.sleep(COLLECT_EVERY)
        await asyncio.to_thread(gc.collect)


def give_up(error: EtlMonitorError) -> NoReturn:
    """The start's last word; the exit code is the service's own for the same."""
    print(error.message, file=sys.stderr, flush=True)  # noqa: T201  # for whoever started us
    os._exit(CANNOT_START)


def _nudge(url: str) -> None:
    """The service is (again) there: the follower need not wait for its next attempt."""
    followed = monitoring.current()
    if followed is not None:
        followed.move_to(url)
        followed.retry_now()
