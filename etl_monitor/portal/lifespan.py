"""The lifespan of the portal: the embedded service, the follower and the live updates.

`app.py` passes the lifespan hook to Streamlit. The parts start in this order and stop in reverse.
"""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn, TypeVar

from starlette.middleware import Middleware

from etl_monitor import monitoring, tracing
from etl_monitor import settings as settings_module
from etl_monitor.client.transport import display_url
from etl_monitor.errors import EtlMonitorError
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import (
    addresses,
    connections,
    garbage,
    paint_reports,
    push,
    routes,
    script_loops,
    startup_checks,
)
from etl_monitor.portal.service_process import CANNOT_START, ServiceProcess
from etl_monitor.setting_values import parse_host_names, parse_origins
from etl_monitor.settings import Settings
from etl_monitor.version import VERSION

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Portal:
    """Everything of this process that is not a page."""

    def __init__(self, *, settings: Settings) -> None:
        """Raises SettingError if others could reach the portal without signing in."""
        startup_checks.check(settings)
        self._hosts = parse_host_names(settings.allowed_hosts)
        startup_checks.allow_hosts(self._hosts)
        self._settings = settings
        self._service: ServiceProcess | None = None

    @property
    def middleware(self) -> list[Middleware]:
        """Return what stands before Streamlit's own middleware."""
        ancestors = parse_origins(self._settings.frame_ancestors)
        return routes.middleware(self._hosts, ancestors)

    @asynccontextmanager
    async def lifespan(self, _app: Any) -> AsyncIterator[dict[str, Any]]:
        """Run on the server's event loop, from before the first page until after the last."""
        await asyncio.to_thread(tracing.start, "etl-portal")
        connections.limit()
        script_loops.install()
        opened = await asyncio.to_thread(_or_exit, self._start)
        ready = asyncio.create_task(asyncio.to_thread(_or_exit, self._wait_for_service))
        stop_live_updates = self._start_live_updates(opened)
        gc_task = asyncio.create_task(garbage.collect_regularly())
        addresses.configure(has_pages=True, has_live_socket=push.current() is not None)
        paint_reports.configure(addresses.PAINT_REPORTS)
        address = display_url(opened.client.base_url)
        _log.info("portal_started", extra={"version": VERSION, "service": address})
        try:
            yield {}
        finally:
            _log.info("portal_stopping")
            gc_task.cancel()
            paint_reports.configure(None)
            addresses.configure(has_pages=False)
            push.install(None)
            stop_live_updates()
            await asyncio.to_thread(self._stop, opened)
            await ready
            gc.freeze()  # otherwise Python's end searches all objects for cycles

    def _start(self) -> Monitoring:
        url, token = self._settings.api_url, self._settings.api_token
        if url is None:
            self._service = ServiceProcess(
                on_ready=_reconnect, stop_grace=self._settings.stop_grace
            )
            self._service.start()
            return monitoring.open_monitoring(
                self._service.url, self._service.token, self._settings
            )
        secret = token.get_secret_value() if token else None
        return monitoring.open_monitoring(url, secret, self._settings)

    def _wait_for_service(self) -> None:
        """Pages are drawn meanwhile; their requests wait for the service."""
        if self._service is not None:
            self._service.wait_until_ready()

    def _start_live_updates(self, opened: Monitoring) -> Callable[[], None]:
        """Push changes to the open pages; return a function that ends this."""
        updates = _live_updates(self._settings)
        if updates is None:
            return lambda: None
        push.install(updates)
        updates.follow(opened.store)
        return updates.close

    def _stop(self, opened: Monitoring) -> None:
        opened.close()
        if self._service is not None:
            self._service.stop()


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Let the views in an app of one's own be live over the socket of `ROUTES`:
    `st.App("page.py", routes=em.ROUTES, lifespan=em.lifespan)`. Without it they poll."""
    updates = _live_updates(settings_module.load_in_another_app())
    addresses.configure(has_pages=False, has_live_socket=updates is not None)
    push.install(updates)
    try:
        yield {}
    finally:
        push.install(None)
        addresses.configure(has_pages=False)
        if updates is not None:
            updates.close()


def _live_updates(settings: Settings) -> push.LiveUpdates | None:
    """Return what pushes to open pages; None if they have to poll. On the server's event loop."""
    if settings.live_updates == "poll":
        return None
    if not push.is_supported():
        _log.warning("push_unsupported", extra={"instead": "poll"})
        return None
    return push.LiveUpdates(asyncio.get_running_loop())


def _or_exit(start: Callable[[], T]) -> T:
    """Exit with one line if the start fails: uvicorn would print a traceback."""
    try:
        return start()
    except EtlMonitorError as error:
        exit_with(error)


def exit_with(error: EtlMonitorError) -> NoReturn:
    """Print the error and end the process, with the exit code that the service uses for it."""
    print(error.message, file=sys.stderr, flush=True)  # noqa: T201  # the reader has no log yet
    os._exit(CANNOT_START)


def _reconnect(url: str) -> None:
    """Make the follower connect now: the service is ready, perhaps at a new address."""
    current = monitoring.current()
    if current is not None:
        current.move_to(url)
        current.retry_now()
