"""The page's live socket: `/live` on the portal's port, a WebSocket beside Streamlit's.

A page says who its session is and which drawing of each view it has, again whenever its views
change. It gets what is new, at most once in a pass of the hub. One that reads slowly gets the
newest state later: nothing is queued.
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import suppress

from pydantic import BaseModel, Field, ValidationError
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from etl_monitor.asgi.request_guard import is_same_origin
from etl_monitor.portal import addresses, live_metrics, push
from etl_monitor.ui.live import hub as hubs
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.live.hub import Hub
from etl_monitor.ui.live.shown_views import ShownViews
from etl_monitor.ui.session.view import SessionState

MALFORMED = FOREIGN = 1008
SIGN_IN_AGAIN = 4401
UNKNOWN_SESSION = 4404

_MAX_MESSAGE = 64 * 1024  # characters
_MOUNTING = 1.0  # seconds in which a page has drawn all views that it will
_RESUME_AFTER = 3.0  # seconds without a socket, after which Streamlit's line carries the updates


class _Request(BaseModel):
    """What a page sends: its session and the drawings that it has, by the views' keys."""

    session: str = Field(max_length=100)
    views: dict[str, int | None] = Field(max_length=500)


async def serve(socket: WebSocket) -> None:
    """Serve one page until it closes. A page of another origin is rejected."""
    origin, host = socket.headers.get("origin"), socket.headers.get("host", "")
    if origin is not None and not is_same_origin(origin, host):
        await socket.close(FOREIGN)
        return
    await socket.accept()
    hub = hubs.current()
    if hub is None:
        await socket.close(UNKNOWN_SESSION)
        return
    page = _Page(socket, hub)
    hub.join(page)
    sender = asyncio.create_task(page.send())
    try:
        await page.read()
    finally:
        sender.cancel()
        hub.leave(page)
        page.end()


# Also for an app of one's own: `st.App("page.py", routes=em.ROUTES, lifespan=em.lifespan)`.
ROUTES = [WebSocketRoute(path, serve) for path in addresses.served_at(addresses.LIVE_PATH)]


class _Page:
    """One page's socket."""

    def __init__(self, socket: WebSocket, hub: Hub) -> None:
        self._socket, self._hub = socket, hub
        self._session: SessionState | None = None
        self._shown: ShownViews | None = None
        self._is_ready = False  # the page shows all views of its last full run
        self._requests = 0
        self._requested_at = 0.0
        self._hold = self._first_pass = 0
        self._has_news = asyncio.Event()

    def channels(self) -> Iterable[Channel]:
        return self._shown.channels.values() if self._shown else ()

    def wake(self) -> None:
        self._has_news.set()

    async def read(self) -> None:
        """Read what the page asks for, until it closes or asks for what it may not have."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            request = _parse(message.get("text"))
            session = self._hub.session(request.session) if request else None
            is_another = self._session is not None and session is not self._session
            if request is None or session is None or is_another:
                await self._socket.close(UNKNOWN_SESSION if request else MALFORMED)
                return
            self._begin(session, request)

    async def send(self) -> None:
        """Send news, until the sign-in ends."""
        with suppress(WebSocketDisconnect, RuntimeError):  # the page has closed meanwhile
            while await self._wait():
                message = self._message() if await self._is_complete() else None
                if message is not None:
                    await self._socket.send_text(message)
                    live_metrics.DELIVERIES.inc()
                    live_metrics.BYTES.inc(len(message))
            await self._socket.close(SIGN_IN_AGAIN)

    def end(self) -> None:
        """Let Streamlit's line carry the updates again, unless the page is back soon."""
        if self._session is not None:
            updates, page_session = self._hub.updates, self._session.page_session
            updates.loop.call_later(
                _RESUME_AFTER, lambda: updates.pause(page_session, is_paused=False)
            )

    def _begin(self, session: SessionState, request: _Request) -> None:
        if self._session is None:
            self._hub.updates.pause(session.page_session, is_paused=True)
        self._session, self._hold = session, session.holds
        self._is_ready = False
        self._requests += 1
        self._shown = ShownViews(session, request.views, self._requests)
        self._requested_at = time.monotonic()
        self._first_pass = self._hub.passes + 1  # which draws all of these views
        self._hub.request_pass()

    async def _wait(self) -> bool:
        """Wait for news. Returns False if the sign-in has ended."""
        while True:
            until = self._session.signed_in_until if self._session else None
            if until is None:
                await self._has_news.wait()
            elif (left := until - time.time()) <= 0:
                return False
            elif not await self._comes_within(left):
                continue
            self._has_news.clear()
            return True

    async def _comes_within(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._has_news.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _is_complete(self) -> bool:
        """Wait until the page shows all views of its last full run. Returns False if there is a
        newer run, of which the page will say more."""
        session, shown = self._session, self._shown
        if session is None or shown is None:
            return False
        if self._is_ready:
            return session.holds == self._hold
        await push.page_settled(session.page_session)
        missing = session.channels.keys() - shown.channels.keys()
        left = self._requested_at + _MOUNTING - time.monotonic()
        if session.holds == self._hold and missing and left > 0:
            await self._comes_within(left)
            self._has_news.set()
            return False
        self._is_ready = session.holds == self._hold
        return self._is_ready

    def _message(self) -> str | None:
        """Return the news of all views as JSON; None if there are none."""
        hub, session, shown = self._hub, self._session, self._shown
        if session is None or shown is None or hub.published_pass < self._first_pass:
            return None
        return shown.message(hub.published, hub.store_version(session.monitoring))


def _parse(message: str | None) -> _Request | None:
    """Return what a page asks for; None if it is no text, or none of ours."""
    if message is None or len(message) > _MAX_MESSAGE:
        return None
    try:
        return _Request.model_validate_json(message)
    except ValidationError:
        return None
