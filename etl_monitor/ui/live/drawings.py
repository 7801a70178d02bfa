"""The channels of this process, and the passes that draw them.

Sessions whose views show the same thing share a channel, whichever way their pages get it: over the
live socket (hub.py) or over Streamlit's connection (bus.py).
"""

import threading
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import push
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.session.view import RenderContext, View


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a pass has drawn. `number`: of the newest drawing so far."""

    number: int
    snapshots: Mapping[Monitoring, Snapshot]


class Drawings:
    """Thread-safe: one pass or full run at a time changes the channels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._channels: WeakValueDictionary[Hashable, Channel] = WeakValueDictionary()

    def attach(
        self, key: str, view: View, ctx: RenderContext, data: Mapping[str, Any]
    ) -> int | None:
        """Let this session's view take part in its channel. `data`: as a run has drawn it. Returns
        the number of this drawing, None if the channel is ahead of it."""
        session, own = ctx.session, _for_channel(ctx)
        with self._lock:
            session.personal_parts[key] = view.personal(session)
            session.channels[key] = channel = self._channel(view, own)
            return channel.adopt(own, data)

    @contextmanager
    def pass_of(self, channels: Iterable[Channel], *, max_age: float = 0.0) -> Iterator[Pass]:
        """Draw these channels with one snapshot. Nothing else draws them before the block ends.
        What shows this snapshot already is not drawn again within `max_age` seconds."""
        snapshots: dict[Monitoring, Snapshot] = {}

        def snapshot_of(monitoring: Monitoring) -> Snapshot:
            if monitoring not in snapshots:
                snapshots[monitoring] = monitoring.snapshot()
            return snapshots[monitoring]

        with self._lock:
            for channel in channels:
                channel.draw(snapshot_of, max_age=max_age)
            yield Pass(number=self._number, snapshots=snapshots)

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


def _for_channel(ctx: RenderContext) -> RenderContext:
    """Return the context with which a channel draws: with a copy of the session as it is now."""
    return replace(
        ctx,
        session=ctx.session.copy_of_choices(),
        may_wait=False,
        reader="live",
        redraw=_notify,
    )


def _notify() -> None:
    """Update the pages: a reply for a drawing has arrived. Pages that poll will find it."""
    updates = push.current()
    if updates is not None:
        updates.notify()


_drawings = Drawings()


def current() -> Drawings:
    """Return the process's drawings."""
    return _drawings
