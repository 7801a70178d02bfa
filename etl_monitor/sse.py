"""Bytes of an event stream → events, by the WHATWG rules, for any chunking.

sseclient-py makes the event of a block; this frame feeds it whole blocks only and does what it
leaves out: the byte order mark, line ends of any mixture, an unfinished last block, bad UTF-8, ids
with NUL, `id` and `retry` that stay for later events, and a bound on what is kept.

sseclient-py adds line to line by copying what it has, which takes a quarter of a minute for one
block of 1 MiB in short lines. So it is given the lines that count and no more: the last `event`
and the first `data`. Further data lines are put together here; time grows with the bytes only.
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sseclient import SSEClient

from etl_monitor.errors import FeedDisconnected

MAX_BLOCK = 8 * 1_048_576  # bytes; the portal has a lower bound of its own, a setting

_MARK = b"\xef\xbb\xbf"
_MAX_RETRY_DIGITS = 1000  # Python refuses to read numbers of more than 4,300


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event.

    `id` is the last event id after this event's block, whichever block it was sent with; `retry`
    the reconnection time in milliseconds that the stream last asked for, None if it never did.
    """

    event: str = "message"
    data: str = ""
    id: str = ""
    retry: int | None = None


def read_events(chunks: Iterable[bytes], last_event_id: str = "") -> Iterator[ServerSentEvent]:
    """The events in `chunks`, each as soon as its blank line is there.

    Raises FeedBroken `too_large` when one block grows beyond MAX_BLOCK bytes.
    """
    return iter(EventReader(chunks, last_event_id))


class EventReader:
    """The iterator behind `read_events`, with what the stream said outside of events.

    `max_block` bounds a block, and any single line, in bytes; a block's comments do not count, as
    a heartbeat may come without a blank line for days.
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
        # SSEClient asks for a block only when it has told the one before: what is kept beside it
        # is of the block that the event came with.
        for parsed in SSEClient(self._blocks()).events():
            data = parsed.data + self._further
            yield ServerSentEvent(parsed.event, data, self.last_event_id, self.retry)

    def _blocks(self) -> Iterator[bytes]:
        """The two lines that make the event of each whole block with data."""
        block = _Block()
        for line in self._lines():
            if line.startswith(b":"):
                self._check(len(line))
            elif line:
                self._check(block.size + len(line))
                self._keep(line, block)
            elif block.size:
                yield from self._closed(block)
                block = _Block()

    def _keep(self, line: bytes, block: "_Block") -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        block.take(name, value, len(line))
        # A `retry` counts at once, whatever becomes of its block.
        if name == b"retry" and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry = int(value)

    def _closed(self, block: "_Block") -> Iterator[bytes]:
        """An id counts with its whole block, and only then; also where it has no data."""
        if block.id is not None:
            self.last_event_id = _text(block.id)
        if block.data is not None:
            self._further = _text(block.further)
            lines = f"event: {_text(block.event)}\ndata: {_text(block.data)}\n\n"
            yield lines.encode()

    def _lines(self) -> Iterator[bytes]:
        """Complete lines without their ends, the stream's byte order mark taken off."""
        rest = bytearray()
        is_first = True
        for chunk in _with_plain_line_ends(self._chunks):
            rest += chunk
            if b"\n" in chunk:
                *lines, last = bytes(rest).split(b"\n")
                if is_first:
                    lines[0] = lines[0].removeprefix(_MARK)
                    is_first = False
                yield from lines
                rest = bytearray(last)
            self._check(len(rest))

    def _check(self, size: int) -> None:
        if size > self._max_block:
            raise FeedDisconnected(
                "too_large", f"One event is larger than {self._max_block} bytes; it was not read."
            )


def _with_plain_line_ends(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """`\\r\\n` and `\\r` as `\\n`, without waiting for what follows a `\\r` at a chunk's end."""
    ended_in_cr = False
    for chunk in chunks:
        if not chunk:
            continue
        text = chunk.removeprefix(b"\n") if ended_in_cr else chunk
        ended_in_cr = chunk.endswith(b"\r")
        yield text.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in text else text


@dataclass(slots=True)
class _Block:
    """What counts of a block while it is read. `data`: its first data line; `further`: all others,
    each with the line end before it. `size`: bytes of all its lines."""

    size: int = 0
    event: bytes = b""
    id: bytes | None = None
    data: bytes | None = None
    further: bytearray = field(default_factory=bytearray)

    def take(self, name: bytes, value: bytes, size: int) -> None:
        self.size += size
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self.event = value
        elif name == b"id" and b"\0" not in value:
            self.id = value

    def _add(self, value: bytes) -> None:
        if self.data is None:
            self.data = value
        else:
            self.further += b"\n" + value


def _text(raw: bytes | bytearray) -> str:
    return raw.decode(errors="replace")
