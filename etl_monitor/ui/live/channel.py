"""One drawing of a view for all of its viewers, with its last changes."""

import json
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import live_metrics
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.ui.live.patches import Patch, difference
from etl_monitor.ui.live.payloads import PERSONAL
from etl_monitor.ui.live.query_cache import NotReady
from etl_monitor.ui.session.view import RenderContext, View

_log = logging.getLogger(__name__)

_MAX_CHANGES = 50  # that a page may have missed; one that missed more gets the whole


@dataclass(frozen=True, kw_only=True)
class _Change:
    number: int  # of the drawing to which it leads
    text: str  # the patch, encoded once for all pages


class Channel:
    """What a view shows, drawn once. Thread-safe.

    Each different drawing has a number of its own. `next_number` gives numbers that grow over all
    channels, so that one number says how far a page is with all of its views.
    """

    def __init__(self, view: View, ctx: RenderContext, next_number: Callable[[], int]) -> None:
        self._view, self._ctx = view, ctx
        self._next_number = next_number
        self._lock = threading.Lock()
        self._rendered_at = -math.inf  # by time.monotonic; before all times once a reply is there
        self._data: Mapping[str, Any] | None = None
        self._version = -1  # of the store, in the drawing
        self._whole: str | None = None  # the drawing as JSON, once a page needs it
        self._changes: deque[_Change] = deque(maxlen=_MAX_CHANGES)
        self._first_number = 0  # of the oldest drawing from which the changes lead on
        self._sent: tuple[int, int, str | None] = (0, 0, None)  # from, to, and what leads there
        self.number = 0
        self.outdated = ""  # says for what the pages around the view must run again

    def adopt(self, ctx: RenderContext, data: Mapping[str, Any]) -> int | None:
        """Take over what a page has drawn by itself in a full run. Returns the number of this
        drawing; None if the channel is ahead of the page."""
        with self._lock:
            self._ctx = ctx
            return self.number if self._take(_shared(data), ctx.snapshot.version) else None

    def draw(self, snapshot_of: Callable[[Monitoring], Snapshot], *, max_age: float = 0.0) -> None:
        """Draw what the store has now, unless it was drawn within `max_age` seconds."""
        snapshot = snapshot_of(self._ctx.monitoring)
        begin = time.monotonic()
        if snapshot.version == self._version and begin - self._rendered_at < max_age:
            return
        self._rendered_at = begin
        ctx = replace(self._ctx, snapshot=snapshot, redraw=partial(self._redraw, self._ctx.redraw))
        try:
            with suppress(NotReady):
                data = _shared(self._view.render(ctx))
                with self._lock:
                    self._take(data, ctx.snapshot.version)
            with suppress(NotReady):
                self.outdated = self._view.outdated(ctx)
        except Exception:  # noqa: BLE001  # one view's mistake must not end the others' updates
            _log.exception("live_drawing_failed", extra={"view": self._view.name})

    def _redraw(self, notify: Callable[[], None]) -> None:
        """Let the next pass draw what a reply has brought."""
        self._rendered_at = -math.inf
        notify()

    def whole(self) -> Mapping[str, Any]:
        """Return the newest drawing."""
        with self._lock:
            return self._data or {}

    def changes(self, base: int) -> Sequence[tuple[int, Patch]] | None:
        """Return the changes since the drawing `base`, each with the number of the drawing to which
        it leads; None if too many have come since."""
        with self._lock:
            if base < self._first_number:
                return None
            return [(c.number, json.loads(c.text)) for c in self._changes if c.number > base]

    def news(self, base: int | None, published: int) -> str | None:
        """Return, as JSON, what a page needs that shows the drawing `base`, up to the one that is
        `published`: patches, or the whole if it has none or is too far behind. None: nothing."""
        with self._lock:
            if base is not None and (base >= self.number or base >= published):
                return None
            if base is None or base < self._first_number:
                # What is ahead of the other views is sent together with them.
                return f'{{"whole":{self._encoded()}}}' if self.number <= published else None
            if self._sent[:2] != (base, published):
                self._sent = (base, published, self._patch(base, published))
            return self._sent[2]

    def _patch(self, base: int, published: int) -> str | None:
        """The lock is held."""
        patches = [c.text for c in self._changes if base < c.number <= published]
        if not patches:
            return None
        patch = patches[0] if len(patches) == 1 else f'{{"then":[{",".join(patches)}]}}'
        return f'{{"patch":{patch}}}'

    def _take(self, data: Mapping[str, Any], version: int) -> bool:
        """Make `data` the drawing, unless it is older. The lock is held."""
        if version < self._version:
            return False
        old, self._data, self._version = self._data, data, version
        patch = None if old is None else difference(old, data)
        if patch == {}:
            return True
        self._record(patch)
        return True

    def _record(self, patch: Mapping[str, Any] | None) -> None:
        number = self._next_number()
        if patch is None:
            self._first_number = number
        else:
            if len(self._changes) == _MAX_CHANGES:
                self._first_number = self._changes[0].number
            self._changes.append(_Change(number=number, text=_json(patch)))
        self.number, self._whole = number, None
        live_metrics.DRAWINGS.inc()

    def _encoded(self) -> str:
        if self._whole is None:
            self._whole = _json(self._data)
        return self._whole


def _shared(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a payload that is the same for all viewers."""
    return {name: value for name, value in data.items() if name not in PERSONAL}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
