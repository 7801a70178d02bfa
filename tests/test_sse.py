"""The event stream rules: cases by hand, and random bytes and cuts against a simple second parser.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

import time
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etl_monitor.errors import FeedDisconnected
from etl_monitor.sse import EventReader, ServerSentEvent, read_events


def parse_by_the_standard(stream: bytes, last_event_id: str = "") -> list[ServerSentEvent]:
    """Parse the whole text at once, following the standard sentence by sentence."""
    text = stream.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[:-1]
    events, event, data, buffered_id, retry = [], "", "", last_event_id, None
    for line in lines:
        name, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if line == "":
            if data != "":
                events.append(ServerSentEvent(event or "message", data[:-1], buffered_id, retry))
            event, data = "", ""
        elif name == "event":
            event = value
        elif name == "data":
            data += value + "\n"
        elif name == "id" and "\0" not in value:
            buffered_id = value
        elif name == "retry" and value != "" and set(value) <= set("0123456789"):
            retry = int(value)
    return events


def pieces(stream: bytes, size: int) -> Iterator[bytes]:
    return (stream[at : at + size] for at in range(0, len(stream), size))


def read(*chunks: bytes, last_event_id: str = "") -> list[ServerSentEvent]:
    return list(read_events(chunks, last_event_id))


MB = 1_048_576
LONG_BLOCKS = {
    "one line": b"data: " + b"x" * MB,
    "lines of 64 bytes": b"data: " + b"x" * 57 + b"\n",
    "lines without text": b"data\n",
    "names": b"event: a\n",
    "ids": b"id: 1\n",
    "lines that mean nothing": b"what\n",
}


def byte_by_byte(stream: bytes) -> list[bytes]:
    return list(pieces(stream, 1))


def event(
    data: str, *, name: str = "message", id: str = "", retry: int | None = None
) -> ServerSentEvent:
    return ServerSentEvent(name, data, id, retry)


CASES = {
    "one line": (b"data: a\n\n", [event("a")]),
    "a name after the data": (b"data: a\nevent: x\ndata: b\n\n", [event("a\nb", name="x")]),
    "a first line without text": (b"data\ndata: a\ndata\n\n", [event("\na\n")]),
    "bad UTF-8 in a name": (b"event: \xc3\ndata: a\n\n", [event("a", name="\ufffd")]),
    "several ids": (b"id: 1\nid\nid: 2\ndata: a\n\n", [event("a", id="2")]),
    "several lines": (b"data: a\ndata: b\ndata:\n\n", [event("a\nb\n")]),
    "only one space is taken off": (b"data:  a\n\ndata:a\n\n", [event(" a"), event("a")]),
    "a tab is not taken off": (b"data:\ta\n\n", [event("\ta")]),
    "no space before the colon": (b"data : a\n\n", []),
    "a field without a colon": (b"data\n\n", [event("")]),
    "two fields without a colon": (b"data\ndata\n\n", [event("\n")]),
    "empty data is data": (b"data:\n\n", [event("")]),
    "a name": (b"event: x\ndata: a\n\ndata: b\n\n", [event("a", name="x"), event("b")]),
    "the last name counts": (b"event: x\nevent: y\ndata: a\n\n", [event("a", name="y")]),
    "an empty name is none": (b"event: x\nevent:\ndata: a\n\n", [event("a")]),
    "a name without data": (b"event: x\n\ndata: a\n\n", [event("a")]),
    "comments": (b": a\n:\ndata: a\n:b\ndata: b\n\n", [event("a\nb")]),
    "a comment is no field": (b":data: a\n\n", []),
    "unknown fields": (b"foo: a\ndata: a\nDATA: b\n\n", [event("a")]),
    "colons in the value": (b"data: a:b: c\n\n", [event("a:b: c")]),
    "an id": (b"id: 1\ndata: a\n\n", [event("a", id="1")]),
    "an id stays": (b"id: 1\ndata: a\n\ndata: b\n\n", [event("a", id="1"), event("b", id="1")]),
    "an empty id resets": (b"id: 1\ndata: a\n\nid\ndata: b\n\n", [event("a", id="1"), event("b")]),
    "an id with NUL": (b"id: 1\nid: 2\0\ndata: a\n\n", [event("a", id="1")]),
    "an id without data": (b"id: 7\n\ndata: a\n\n", [event("a", id="7")]),
    "an id of an unfinished block": (b"data: a\n\nid: 9\n", [event("a")]),
    "retry": (b"retry: 3000\ndata: a\n\n", [event("a", retry=3000)]),
    "retry stays": (b"retry: 3\n\ndata: a\n\n", [event("a", retry=3)]),
    "retry of other than digits": (
        b"retry: 5\nretry: 1x\nretry: -1\nretry:\nretry: \xd9\xa1\ndata: a\n\n",
        [event("a", retry=5)],
    ),
    "retry longer than Python reads": (b"retry: " + b"9" * 5000 + b"\ndata: a\n\n", [event("a")]),
    "carriage returns": (b"data: a\rdata: b\r\r", [event("a\nb")]),
    "both line ends": (b"data: a\r\ndata: b\r\n\r\n", [event("a\nb")]),
    "mixed blank lines": (
        b"data: a\n\r\ndata: b\n\rdata: c\r\r\ndata: d\r\n\n",
        [event("a"), event("b"), event("c"), event("d")],
    ),
    "other line separators are text": (
        "data: a\u2028b\x0bc\x0cd\x85e\n\n".encode(),
        [event("a\u2028b\x0bc\x0cd\x85e")],
    ),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [event("a")]),
    "a second one": (b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\n", []),
    "one in the middle": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [event("a")]),
    "one alone on its line": (b"\xef\xbb\xbf\ndata: a\n\n", [event("a")]),
    "one after a blank line": (b"\n\xef\xbb\xbfdata: a\n\n", []),
    "half of one": (b"\xef\xbbdata: a\n\n", []),
    "bad UTF-8": (b"data: \xff\xc3\ndata: \xe2\x82\n\n", [event("\ufffd\ufffd\n\ufffd")]),
    "bad UTF-8 in an id": (b"id: \xff\ndata: a\n\n", [event("a", id="\ufffd")]),
    "surrogates": (b"data: \xed\xa0\x80\n\n", [event("\ufffd\ufffd\ufffd")]),
    "Korean": ("data: 작업 완료\n\n".encode(), [event("작업 완료")]),
    "NUL in data": (b"data: a\0b\n\n", [event("a\0b")]),
    "an unfinished block": (b"data: a\n\ndata: b\n", [event("a")]),
    "an unfinished line": (b"data: a\n\ndata: b", [event("a")]),
    "blank lines": (b"\n\n\r\n\rdata: a\n\n\n\n", [event("a")]),
    "nothing": (b"", []),
}


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    stream, expected = CASES[name]
    assert read(stream) == expected
    assert read(*byte_by_byte(stream)) == expected
    if name != "retry longer than Python reads":
        assert parse_by_the_standard(stream) == expected


_PIECES = [
    *(b"data", b"event", b"id", b"retry", b":", b": ", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"\0"),
    *(
        b"\xef\xbb\xbf",
        b"\xef",
        b"\xbb",
        b"\xbf",
        b"\xff",
        "한".encode(),
        b"\xed\xa0\x80",
        b"\xf0\x9f",
    ),
    *(
        b"12",
        b"x",
        b"data: a\n\n",
        b"id: 1\n",
        b"retry: 10\n",
        b"foo",
        b"\xe2\x80\xa8",
        b"\x0b",
        b"-",
    ),
]
streams = st.lists(st.sampled_from(_PIECES) | st.binary(max_size=3), max_size=40).map(b"".join)


@st.composite
def cut_streams(draw: st.DrawFn) -> list[bytes]:
    stream = draw(streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    return [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(cut_streams(), st.sampled_from(["", "41"]))
@example([b"data: a\r", b"", b"\n\r\n"], "")
def test_any_chunking_gives_the_events_of_the_standard(
    chunks: list[bytes], last_event_id: str
) -> None:
    stream = b"".join(chunks)
    expected = parse_by_the_standard(stream, last_event_id)
    assert read(*chunks, last_event_id=last_event_id) == expected
    assert read(*byte_by_byte(stream), last_event_id=last_event_id) == expected


def test_an_event_is_yielded_as_soon_as_its_blank_line_starts() -> None:
    requested: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        for chunk in (b"data: a\r\n\r", b"\ndata: b\n", b"\n", b"data: c\r\r", b"data: d"):
            requested.append(chunk)
            yield chunk

    seen = [(event.data, len(requested)) for event in read_events(chunks())]
    assert seen == [("a", 1), ("b", 3), ("c", 4)]


def test_starts_with_the_id_of_the_last_connection() -> None:
    assert read(b"data: a\n\n", last_event_id="41")[0].id == "41"


def test_blocks_without_data_set_id_and_retry() -> None:
    reader = EventReader([b"data: a\n\nid: 8\nretry: 9\n\n"])
    assert len(list(reader)) == 1
    assert (reader.last_event_id, reader.retry) == ("8", 9)


@pytest.mark.parametrize("end", [b"", b"data: b\n", b"data: b"])
def test_a_retry_counts_at_once_and_an_id_with_its_block(end: bytes) -> None:
    reader = EventReader([b"data: a\n\nid: 8\nretry: 9\n", end])
    assert len(list(reader)) == 1
    assert (reader.last_event_id, reader.retry) == ("", 9)


@pytest.mark.parametrize("cut", [1, 7, 1000])
@pytest.mark.parametrize("big", [b"data: " + b"x" * 95, b"data: x\n" * 15, b":" + b"x" * 100])
def test_a_block_beyond_the_bound_raises_too_large(big: bytes, cut: int) -> None:
    stream = b"data: a\n\n" + big + b"\n\ndata: b\n\n"
    reader = iter(EventReader(pieces(stream, cut), max_block=100))
    assert next(reader).data == "a"
    with pytest.raises(FeedDisconnected) as raised:
        next(reader)
    assert raised.value.code == "too_large"


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_a_block_at_the_bound_is_read(cut: int) -> None:
    stream = b"data: " + b"x" * 94 + b"\n\n"
    assert len(list(EventReader(pieces(stream, cut), max_block=100))) == 1


def test_heartbeats_without_blank_lines_never_fill_a_block() -> None:
    reader = EventReader([b"data: a\n", *[b": still here\n"] * 100, b"\n"], max_block=100)
    assert [event.data for event in reader] == ["a"]


def test_memory_is_bounded() -> None:
    """Read 20 MB of events, and 20 MB of one endless event, in chunks as sockets give them."""
    small = (b"data: " + b"x" * 1000 + b"\n\n" for _ in range(20_000))
    endless = (b"x" * 4096 for _ in range(5_000))
    tracemalloc.start()
    try:
        assert sum(1 for _ in EventReader(small)) == 20_000
        with pytest.raises(FeedDisconnected):
            list(EventReader(endless, max_block=MB))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_large_event_is_read() -> None:
    large = b"data: " + b"x" * 4 * MB + b"\n" + LONG_BLOCKS["lines of 64 bytes"] * 10_000 + b"\n"
    (event,) = read_events(pieces(large, 128))
    assert event.data == "\n".join(["x" * 4 * MB, *["x" * 57] * 10_000])


@pytest.mark.parametrize("name", LONG_BLOCKS)
def test_time_is_linear_in_the_bytes(name: str) -> None:
    """A block four times as long takes about four times as long, in chunks as sockets give them."""
    line = LONG_BLOCKS[name]
    block = line * (MB // len(line) + 1)
    short, long = (read_in(block[: size * MB // 4] + b"\n\n") for size in (1, 4))
    assert long < 9 * short, "quadratic time would be sixteen times as long"


def read_in(stream: bytes) -> float:
    """Return the seconds of processor time, the best of three."""

    def once() -> float:
        began = time.thread_time()
        list(EventReader(pieces(stream, 128)))
        return time.thread_time() - began

    return min(once() for _ in range(3))


def test_events_of_one_chunk_come_together() -> None:
    event = b"id: %d\nevent: job_progress\ndata: %d\n\n"
    whole = b"".join(event % (number, number) for number in range(100))
    batches = list(EventReader([whole + b"id: 100\n", b"data: 100\n\n", b": beat\n\n"]).batches())
    assert [len(batch) for batch in batches] == [100, 1]
    assert [(sent.id, sent.data) for batch in batches for sent in batch] == [
        (str(number), str(number)) for number in range(101)
    ]


def test_events_before_one_that_is_too_large_come_first() -> None:
    reader = EventReader([b"data: a\n\ndata: b\n\ndata: " + b"c" * 100 + b"\n\n"], max_block=50)
    batches = reader.batches()
    assert [sent.data for sent in next(batches)] == ["a", "b"]
    with pytest.raises(FeedDisconnected, match="50 bytes"):
        next(batches)
