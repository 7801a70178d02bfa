"""Read the events of an event stream from its bytes, by the WHATWG rules, for any chunking.

sseclient-py parses a block; this module gives it whole blocks only and adds what it lacks: the byte
order mark, mixed line ends, an unfinished last block, invalid UTF-8, ids with NUL, `id` and `retry`
that apply to later events, and a bound on memory.

sseclient-py copies all data for each line that it appends, which takes 15 seconds for a block of
1 MiB in short lines. So it is given two lines of a block only: the last `event` and the first
`data`. Further data lines are joined here, in time proportional to the bytes.

It takes 2 µs for a line and 5 µs more for a block. So a few blocks of the same name, each with one
line of data as nearly all have, are given to it as one block with a line of data for each.
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import msgspec
from sseclient import SSEClient

from etl_monitor.errors import FeedDisconnected

MAX_BLOCK = 8 * 1_048_576  # bytes; the portal has a lower bound, a setting

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MAX_RETRY_DIGITS = 1000  # Python does not parse numbers of more than 4,300
_PLAIN_BLOCK = rb"(?:id: ?+([^\0\n]++)\n)?+(?:event: ?+([^\n]*+)\n)?+data: ?+([^\n]*+)\n\n"
_PARTS_OF_BLOCK = re.compile(_PLAIN_BLOCK)
_PLAIN_BLOCKS = re.compile(rb"(?:%b)++" % _PLAIN_BLOCK)
_MAX_GROUP = 32  # plain blocks in one


class ServerSentEvent(msgspec.Struct, frozen=True):
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
    """The iterator behind `read_events`, with the stream's `last_event_id` and `retry`: those of
    the chunk that was read last.

    `max_block` bounds a block, and any single line, in bytes. A block's comments do not count, as
    heartbeats may arrive without a blank line for days.
    """

    def __init__(
        self, chunks: Iterable[bytes], last_event_id: str = "", *, max_block: int = MAX_BLOCK
    ) -> None:
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._chunks = chunks
        self._max_block = max_block
        self._block = _Block()  # the one that is being read
        self._whole = _WholeBlocks()

    def __iter__(self) -> Iterator[ServerSentEvent]:
        for events in self.batches():
            yield from events

    def batches(self) -> Iterator[list[ServerSentEvent]]:
        """Yield the events that end in each chunk, if there are any, in one list."""
        problem = None
        for lines in self._lines():
            try:
                self._read(lines)
            except FeedDisconnected as error:  # after the events before it
                problem = error
            if self._whole:
                whole, self._whole = self._whole, _WholeBlocks()
                yield whole.events()
            if problem:
                raise problem

    def _lines(self) -> Iterator[bytes]:
        """Yield the whole lines that each chunk ends, in valid UTF-8 and without the stream's byte
        order mark."""
        rest = bytearray()
        is_first = True
        for chunk in _normalize_line_ends(self._chunks):
            rest += chunk
            if b"\n" in chunk:
                end = rest.rindex(b"\n") + 1
                lines = bytes(rest[:end])
                yield _valid(lines.removeprefix(_BYTE_ORDER_MARK) if is_first else lines)
                rest, is_first = rest[end:], False
            self._check(len(rest))

    def _read(self, lines: bytes) -> None:
        """Read plain blocks while there are any, and single lines otherwise."""
        at = 0
        while at < len(lines):
            plain = None
            if not self._block.size:
                plain = _PLAIN_BLOCKS.match(lines, at, at + self._max_block)
            if plain:
                self._add_plain_blocks(plain[0])
                at = plain.end()
            else:
                end = lines.index(b"\n", at)
                self._read_line(lines[at:end])
                at = end + 1

    def _add_plain_blocks(self, blocks: bytes) -> None:
        for event, found in groupby(_PARTS_OF_BLOCK.findall(blocks), itemgetter(1)):
            same_name = list(found)
            for at in range(0, len(same_name), _MAX_GROUP):
                self._add_group(event, same_name[at : at + _MAX_GROUP])

    def _add_group(self, event: bytes, group: list[tuple[bytes, bytes, bytes]]) -> None:
        ids = []
        for block_id, _, _ in group:
            if block_id:
                self.last_event_id = block_id.decode()
            ids.append(self.last_event_id)
        self._whole.add(event, [data for _, _, data in group], ids, self.retry)

    def _read_line(self, line: bytes) -> None:
        block = self._block
        if line.startswith(b":"):
            self._check(len(line))
        elif line:
            self._check(block.size + len(line))
            self._add_field(line, block)
        elif block.size:
            self._block = _Block()
            self._add_block(block)

    def _add_field(self, line: bytes, block: "_Block") -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        block.add_field(name, value, len(line))
        # A `retry` applies at once, even if its block stays unfinished.
        if name == b"retry" and value.isdigit() and len(value) <= _MAX_RETRY_DIGITS:
            self.retry = int(value)

    def _add_block(self, block: "_Block") -> None:
        """Apply the block's id, which counts without data too, and keep what makes an event."""
        if block.id is not None:
            self.last_event_id = block.id.decode()
        if block.data is not None:
            further = block.further.decode()
            self._whole.add(block.event, [block.data], [self.last_event_id], self.retry, further)

    def _check(self, size: int) -> None:
        if size > self._max_block:
            raise FeedDisconnected(
                "too_large", f"One event is larger than {self._max_block} bytes; it was not read."
            )


class _WholeBlocks:
    """Blocks that end in one chunk, for sseclient-py, and what it does not know of each: further
    data, the ids of its events, and `retry`."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._states: list[tuple[str, list[str], int | None]] = []

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(
        self, event: bytes, data: list[bytes], ids: list[str], retry: int | None, further: str = ""
    ) -> None:
        """Add events of the same name, with a line of data for each."""
        self._blocks.append(b"event: %b\ndata: %b\n\n" % (event, b"\ndata: ".join(data)))
        self._states.append((further, ids, retry))

    def events(self) -> list[ServerSentEvent]:
        parsed = SSEClient(iter([b"".join(self._blocks)])).events()
        return [
            ServerSentEvent(block.event, data + further, event_id, retry)
            for block, (further, ids, retry) in zip(parsed, self._states, strict=True)
            for data, event_id in zip(block.data.split("\n"), ids, strict=True)
        ]


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


def _valid(lines: bytes) -> bytes:
    """Return whole lines in valid UTF-8: U+FFFD stands for what is not."""
    try:
        lines.decode()
    except UnicodeDecodeError:
        return lines.decode(errors="replace").encode()
    return lines
