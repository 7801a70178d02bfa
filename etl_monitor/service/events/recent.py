"""The newest events of the log in memory, encoded for the feed once for all who follow it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi.sse import format_sse_event

from etl_monitor.service.events.event_log import LoggedEvent

PAGE = 500  # events sent at once
_MAX_EVENTS = 5000
_MAX_BYTES = 8_000_000
_MAX_PAGES = 16  # that are kept for other subscribers


@dataclass(frozen=True, kw_only=True)
class Page:
    """Events as they are sent to a subscriber, and the position that they reach."""

    data: bytes
    reached: int


@dataclass(frozen=True, kw_only=True)
class EncodedEvent:
    position: int
    job_id: str
    data: bytes


class RecentEvents:
    """The events after the position `start`, up to `end`. Subscribers at the same position share
    one page. Not thread-safe."""

    def __init__(self) -> None:
        self.start = self.end = 0
        self._events: list[EncodedEvent] = []
        self._size = 0  # bytes
        self._pages: dict[tuple[int, str | None], Page] = {}

    def begin(self, position: int) -> None:
        """Begin after this position, without events."""
        self.start = self.end = position
        self._events, self._size = [], 0
        self._pages = {}

    def add(self, events: Sequence[LoggedEvent], end: int) -> None:
        """Add the events after the current end, up to the new one; drop the oldest if there are too
        many."""
        encoded = [encode_event(event) for event in events]
        self._events += encoded
        self._size += sum(len(event.data) for event in encoded)
        self.end = end
        self._pages = {}
        self._drop_oldest()

    def page_after(self, position: int, job_id: str | None) -> Page:
        """Return the next events after a position that is not before `start`."""
        key = (position, job_id)
        if key not in self._pages:
            if len(self._pages) >= _MAX_PAGES:
                self._pages.clear()
            self._pages[key] = self._page(position, job_id)
        return self._pages[key]

    def _page(self, position: int, job_id: str | None) -> Page:
        first = bisect_right(self._events, position, key=lambda event: event.position)
        events = self._events[first : first + PAGE]
        is_end = first + PAGE >= len(self._events)
        reached = max(position, self.end) if is_end else events[-1].position
        chosen = (event.data for event in events if job_id in (None, event.job_id))
        return Page(data=b"".join(chosen), reached=reached)

    def _drop_oldest(self) -> None:
        count = 0
        while len(self._events) - count > _MAX_EVENTS or self._size > _MAX_BYTES:
            self._size -= len(self._events[count].data)
            self.start = self._events[count].position
            count += 1
        del self._events[:count]


def encode_event(event: LoggedEvent) -> EncodedEvent:
    data = encode(event.name, event.data, event.position)
    return EncodedEvent(position=event.position, job_id=event.job_id, data=data)


def encode(name: str, data: str, position: int) -> bytes:
    """Return one event of the feed; an empty name makes it an unnamed message."""
    return format_sse_event(event=name or None, data_str=data, id=str(position))
