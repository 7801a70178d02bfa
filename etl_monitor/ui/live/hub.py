"""The live channels of this process: which drawings there are, and when they are made anew.

Sessions whose views show the same thing share a channel. One pass draws all channels that a socket
shows, with one snapshot, and publishes them together, so that no page shows two versions.
"""

import asyncio
import threading
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import live_metrics, push
from etl_monitor.portal.push import LiveUpdates
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.session.view import RenderContext, SessionState, View

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
        self._lock = threading.Lock()  # of a pass
        self._number = 0
        self._snapshots: dict[Monitoring, Snapshot] = {}
        self._channels: WeakValueDictionary[Hashable, Channel] = WeakValueDictionary()
        self._sessions: WeakValueDictionary[str, SessionState] = WeakValueDictionary()
        self._listeners: set[Listener] = set()
        self._has_news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        updates.listen(self._has_news.set)

    def attach(
        self, key: str, view: View, ctx: RenderContext, data: Mapping[str, Any]
    ) -> int | None:
        """Let this session's view take part in its channel. `data`: as a full run has drawn it.
        Returns the number of this drawing, None if the channel is ahead of it."""
        session, own = ctx.session, _for_channel(ctx, self.updates)
        with self._lock:
            self._sessions[session.id] = session
            session.personal_parts[key] = view.personal(session)
            session.channels[key] = channel = self._channel(view, own)
            return channel.adopt(own, data)

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
        """Draw these channels with one snapshot, and return the number of the newest drawing."""
        with self._lock:
            self._snapshots.clear()
            for channel in channels:
                channel.draw(self._snapshot_of)
            return self._number

    def _snapshot_of(self, monitoring: Monitoring) -> Snapshot:
        """Return the snapshot of this pass."""
        if monitoring not in self._snapshots:
            self._snapshots[monitoring] = monitoring.snapshot()
        return self._snapshots[monitoring]

    def _channel(self, view: View, ctx: RenderContext) -> Channel:
        t = ctx.t
        shape = (view.name, view.identity(), view.choices(ctx), t.language, t.zone, ctx.rights)
        key = (*shape, id(ctx.monitoring))
        channel = self._channels.get(key)
        if channel is None:
            channel = self._channels[key] = Channel(view, ctx, self._next_number)
        return channel

    def _next_number(self) -> int:
        """Return a higher number. The lock is held."""
        self._number += 1
        return self._number


def _for_channel(ctx: RenderContext, updates: LiveUpdates) -> RenderContext:
    """Return the context with which a channel draws: with a copy of the session as it is now."""
    return replace(
        ctx,
        session=ctx.session.copy_of_choices(),
        may_wait=False,
        reader="live",
        redraw=updates.notify,
    )


_hubs: WeakKeyDictionary[LiveUpdates, Hub] = WeakKeyDictionary()


def current() -> Hub | None:
    """Return the process's hub; None if pages have to poll."""
    updates = push.current()
    if updates is None:
        return None
    return _hubs.get(updates) or _hubs.setdefault(updates, Hub(updates))
