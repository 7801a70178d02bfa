"""Read the events of an event stream from its bytes, by the WHATWG rules, for any chunking.

sseclient-py parses a block; this module gives it whole blocks only and adds what it lacks: the byte
order mark, mixed line ends, an unfinished last block, invalid UTF-8, ids with NUL, `id` and `retry`
that apply to later events, and a bound on memory.

sseclient-py copies all data for each line that it appends, which takes 15 seconds for a block of
1 MiB in short lines. So it is given two lines of a block only: the last `event` and the first
`data`. Further data lines are joined here, in time proportional to the bytes.
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sseclient import SSEClient

from etl_monitor.errors import FeedDisconnected

MAX_BLOCK = 8 * 1_048_576  # bytes; the portal has a lower bound, a setting

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MAX_RETRY_DIGITS = 1000  # Python does not parse numbers of more than 4,300


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event.

    `id` is the last event id as of this event, whichever block it was sent in. `retry` is the last
    reconnection time of the stream, in milliseconds; None if there was none.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None


def read_events(chunks: Iterable[bytes], last_event_id: str = "") -> Iterator[ServerSentEvent]:
    """Yield the events in `chunks`, each as soon as its blank line has arrived.

    Raises FeedDisconnected with code `too_large` if a block is larger than MAX_BLOCK bytes.
    """
    return iter(EventReader(chunks, last_event_id))


class EventReader:
    """The iterator behind `read_events`, with the stream's `last_event_id` and `retry`.

    `max_block` bounds a block, and any single line, in bytes. A block's comments do not count, as
    heartbeats may arrive without a blank line for days.
    """

    def __init__(
        self, chunks: Iterable[bytes], last_event_id: str = "", *, max_block: int = MAX_BLOCK
    ) -> None:
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._further = ""
        self._chunks = chunks
        self._max_block = max_block

    def __iter__(self) -> Iterator[ServerSentEvent]:
        # SSEClient requests a block only after it has yielded the event before: `_further` and the
        # id belong to the block of this event.
        for parsed in SSEClient(self._blocks()).events():
            data = parsed.data + self._further
            yield ServerSentEvent(parsed.event, data, self.last_event_id, self.retry)

    def _blocks(self) -> Iterator[bytes]:
        """Yield two lines, `event` and `data`, of each whole block that has data."""
        block = _Block()
        for line in self._lines():
            if line.startswith(b":"):
                self._check(len(line))
            elif line:
                self._check(block.size + len(line))
                self._add_field(line, block)
            elif block.size:
                yield from self._close_block(block)
                block = _Block()

    def _add_field(self, line: bytes, block: "_Block") -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        block.add_field(name, value, len(line))
        # A `retry` applies at once, even if its block stays unfinished.
        if name == b"retry" and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry = int(value)

    def _close_block(self, block: "_Block") -> Iterator[bytes]:
        """Apply the block's id, which counts without data too, and yield its lines."""
        if block.id is not None:
            self.last_event_id = _text(block.id)
        if block.data is not None:
            self._further = _text(block.further)
            lines = f"event: {_text(block.event)}\ndata: {_text(block.data)}\n\n"
            yield lines.encode()

    def _lines(self) -> Iterator[bytes]:
        """Yield whole lines without their ends and without the stream's byte order mark."""
        rest = bytearray()
        is_first = True
        for chunk in _normalize_line_ends(self._chunks):
            rest += chunk
            if b"\n" in chunk:
                *lines, last = bytes(rest).split(b"\n")
                if is_first:
                    lines[0] = lines[0].removeprefix(_BYTE_ORDER_MARK)
                    is_first = False
                yield from lines
                rest = bytearray(last)
            self._check(len(rest))

    def _check(self, size: int) -> None:
        if size > self._max_block:
            raise FeedDisconnected(
                "too_large", f"One event is larger than {self._max_block} bytes; it was not read."
            )


def _normalize_line_ends(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Replace `\\r\\n` and `\\r` by `\\n`; a `\\r` at a chunk's end does not wait for the next."""
    ended_in_cr = False
    for chunk in chunks:
        if not chunk:
            continue
        text = chunk.removeprefix(b"\n") if ended_in_cr else chunk
        ended_in_cr = chunk.endswith(b"\r")
        yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


@dataclass(slots=True)
class _Block:
    """A block while it is read. `data`: its first data line; `further`: all others, each after a
    line end. `size`: bytes of all its lines."""

    size: int = 0
    event: bytes = b""
    id: bytes | None = None
    data: bytes | None = None
    further: bytearray = field(default_factory=bytearray)

    def add_field(self, name: bytes, value: bytes, size: int) -> None:
        self.size += size
        if name == b"data":
            self._add_data(value)
        elif name == b"event":
            self.event = value
        elif name == b"id" and b"\0" not in value:
            self.id = value

    def _add_data(self, value: bytes) -> None:
        if self.data is None:
            self.data = value
        else:
            self.further += b"\n" + value


def _text(raw: bytes | bytearray) -> str:
    return raw.decode(errors="replace")
