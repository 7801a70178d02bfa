"""The pages that are live over a socket: which channels they show, and when these are drawn anew.

One pass draws all channels that a socket shows, with one snapshot, and publishes them together, so
that no page shows two versions.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import live_metrics, push
from etl_monitor.portal.push import LiveUpdates
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.ui.live import drawings
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.session.view import SessionState

_MIN_INTERVAL = 0.1  # seconds between two passes: steady, and still felt as instant


class Listener(Protocol):
    """A page that waits for news: see socket.py."""

    def channels(self) -> Iterable[Channel]: ...

    def wake(self) -> None: ...


class Hub:
    def __init__(self, updates: LiveUpdates) -> None:
        self.updates = updates
        self.published = 0  # the newest drawing that pages may see
        self.passes = 0  # begun
        self.published_pass = 0  # the last one that has ended
        self._snapshots: Mapping[Monitoring, Snapshot] = {}
        self._sessions: WeakValueDictionary[str, SessionState] = WeakValueDictionary()
        self._listeners: set[Listener] = set()
        self._has_news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        updates.listen(self._has_news.set)

    def admit(self, session: SessionState) -> None:
        """Let a page of this session open a socket."""
        self._sessions[session.id] = session

    def session(self, session_id: str) -> SessionState | None:
        """Return the session of an id, which only its own page knows."""
        return self._sessions.get(session_id)

    def join(self, listener: Listener) -> None:
        """Tell this listener of each pass from now on. On the event loop."""
        self._listeners.add(listener)
        live_metrics.SOCKETS.set(len(self._listeners))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._draw_on_news(), name="live-channels")

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        live_metrics.SOCKETS.set(len(self._listeners))
        self._shown()
        if not self._listeners and self._task is not None:
            self._task.cancel()
            self._task = None

    def store_version(self, monitoring: Monitoring) -> int:
        """Return the version of the store that the last pass has drawn; 0 before it."""
        snapshot = self._snapshots.get(monitoring)
        return snapshot.version if snapshot else 0

    def request_pass(self) -> None:
        """Draw again, for a page that shows channels that no other shows. On the event loop."""
        self._has_news.set()

    async def _draw_on_news(self) -> None:
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            self.passes += 1
            self.published = await asyncio.to_thread(self._draw, self._shown())
            self.published_pass = self.passes
            for listener in self._listeners:
                listener.wake()
            await asyncio.sleep(_MIN_INTERVAL)

    def _shown(self) -> set[Channel]:
        """Return the channels that pages show."""
        shown = {channel for listener in self._listeners for channel in listener.channels()}
        live_metrics.CHANNELS.set(len(shown))
        return shown

    def _draw(self, channels: Iterable[Channel]) -> int:
        """Draw these channels, and return the number of the newest drawing."""
        with drawings.current().pass_of(channels) as made:
            self._snapshots = made.snapshots
            return made.number


_hubs: WeakKeyDictionary[LiveUpdates, Hub] = WeakKeyDictionary()


def current() -> Hub | None:
    """Return the process's hub; None if pages have to poll."""
    updates = push.current()
    if updates is None:
        return None
    return _hubs.get(updates) or _hubs.setdefault(updates, Hub(updates))
