"""The feed: missed events, then live ones, each exactly once."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
import sqlalchemy.event
from sqlalchemy import delete

from etl_monitor.errors import NotFound
from etl_monitor.service.events import event_log, recent
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.feed import Feed
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import events
from etl_monitor.sse import ServerSentEvent, read_events
from tests.support.records import add_test, claim, progress

Result = TypeVar("Result")
QUIET = 60.0  # a comment interval that no test reaches


def _run(
    db: Database, body: Callable[[Feed, EventTail], Awaitable[Result]], every: float = QUIET
) -> Result:
    async def running() -> Result:
        tail = EventTail(db, poll_interval=0.005)
        tail.start()
        try:
            async with asyncio.timeout(20):
                return await body(Feed(db, tail, comment_interval=every), tail)
        finally:
            tail.stop()

    return asyncio.run(running())


async def _take(chunks: AsyncIterator[bytes], count: int) -> list[ServerSentEvent]:
    """Return the next events, however they are split into chunks."""
    chunks_read: list[bytes] = []
    while len(received := list(read_events(chunks_read))) < count:
        chunks_read.append(await anext(chunks))
    return received


def _append(db: Database, count: int, job_id: str = "j") -> None:
    for _ in range(count):
        with db.writing() as tx:
            number = event_log.position(tx) + 1
            event_log.append(tx, "job_progress", json.dumps({"n": number}), job_id=job_id)


def test_a_feed_begins_with_a_comment(db: Database) -> None:
    async def body(feed: Feed, tail: EventTail) -> bytes:
        return await anext(feed.follow(feed.open(None)))

    assert _run(db, body) == b": connected\n\n"


def test_a_feed_without_an_id_has_only_new_events(db: Database) -> None:
    _append(db, 3)

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        chunks = feed.follow(feed.open(None))
        await anext(chunks)
        await asyncio.to_thread(_append, db, 1)
        return await _take(chunks, 1)

    (event,) = _run(db, body)
    assert (event.id, event.event, event.data) == ("4", "job_progress", '{"n": 4}')


@pytest.mark.parametrize("last_event_id", ["0", "1", "699", "700"])
def test_a_replay_begins_after_the_id(db: Database, last_event_id: str) -> None:
    _append(db, 700)  # more than a page

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        chunks = feed.follow(feed.open(last_event_id))
        missed = 700 - int(last_event_id)
        received = await _take(chunks, missed) if missed else []
        await asyncio.to_thread(_append, db, 1)
        return received + await _take(chunks, 1)

    ids = [int(event.id) for event in _run(db, body)]
    assert ids == list(range(int(last_event_id) + 1, 702))


def test_nothing_is_lost_or_doubled_while_others_write(db: Database, database_url: str) -> None:
    def write() -> None:
        own = Database(database_url)
        _append(own, 150)
        own.close()

    async def body(feed: Feed, tail: EventTail) -> list[list[ServerSentEvent]]:
        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        readers = [_take(feed.follow(feed.open("0")), 300) for _ in range(3)]
        received = await asyncio.gather(*readers)
        for writer in writers:
            writer.join()
        return list(received)

    for received in _run(db, body):
        assert [int(event.id) for event in received] == list(range(1, 301))


@pytest.mark.parametrize("last_event_id", ["6", "99", "-1", "x", "1.0", "9" * 400, "٣"])
def test_an_id_that_cannot_be_resumed_causes_a_reset(db: Database, last_event_id: str) -> None:
    _append(db, 5)

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        chunks = feed.follow(feed.open(last_event_id))
        reset = await _take(chunks, 1)
        await asyncio.to_thread(_append, db, 1)
        return reset + await _take(chunks, 1)

    reset, live = _run(db, body)
    assert (reset.event, reset.id, live.id) == ("feed_reset", "5", "6")


@pytest.mark.parametrize(("last_event_id", "first"), [("2", "feed_reset"), ("3", "job_progress")])
def test_an_id_before_the_oldest_event_causes_a_reset(
    db: Database, last_event_id: str, first: str
) -> None:
    _append(db, 5)
    with db.writing() as tx:
        tx.execute(delete(events).where(events.c.position <= 3))

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        return await _take(feed.follow(feed.open(last_event_id)), 1)

    assert _run(db, body)[0].event == first


def test_a_subscriber_overtaken_by_pruning_gets_a_reset(db: Database) -> None:
    """The events are not in memory either: another service runs since, or there were many."""
    start = Feed(db, EventTail(db)).open("0")
    _append(db, 5)
    with db.writing() as tx:
        tx.execute(delete(events).where(events.c.position <= 3))

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        return await _take(feed.follow(start), 1)

    (reset,) = _run(db, body)
    assert (reset.event, reset.id) == ("feed_reset", "5")


@pytest.mark.parametrize("remaining", [0, 2])
def test_a_live_subscriber_gets_a_reset_if_events_are_pruned_before_they_are_read(
    db: Database, remaining: int
) -> None:
    """So many are written at once, or the service was so busy, that pruning came first."""
    _append(db, 3)

    def overtake() -> None:
        with db.writing() as tx:
            for _ in range(5):
                event_log.append(tx, "job_progress", "{}", job_id="j")
            tx.execute(delete(events).where(events.c.position <= 8 - remaining))

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        chunks = feed.follow(feed.open("2"))
        seen = await _take(chunks, 1)
        await asyncio.to_thread(overtake)
        seen += await _take(chunks, 1)
        await asyncio.to_thread(_append, db, 1)
        return seen + await _take(chunks, 1)

    received = [(event.event, event.id) for event in _run(db, body)]
    assert received == [("job_progress", "3"), ("feed_reset", "8"), ("job_progress", "9")]


def test_comments_are_sent_between_events(db: Database) -> None:
    async def body(feed: Feed, tail: EventTail) -> bytes:
        content = b""
        chunks = feed.follow(feed.open(None))
        while content.count(b": still here\n\n") < 2:
            await asyncio.to_thread(_append, db, 1)
            content += await anext(chunks)
        return content

    assert b"event: job_progress" in _run(db, body, every=0.05)


def test_a_feed_ends_with_the_service(db: Database) -> None:
    async def body(feed: Feed, tail: EventTail) -> tuple[list[bytes], int, int]:
        chunks = feed.follow(feed.open(None))
        await anext(chunks)
        open_feeds = feed.subscribers
        tail.close()
        rest = [chunk async for chunk in chunks]
        return rest, open_feeds, feed.subscribers

    assert _run(db, body) == ([], 1, 0)


def test_a_jobs_feed_begins_with_the_job_and_has_only_its_events(db: Database) -> None:
    with db.writing() as tx:
        mine, other = add_test(tx), add_test(tx)
        claim(tx)

    def move() -> None:
        with db.writing() as tx:
            claim(tx)
            lifecycle.advance(tx, mine.job_id, "w", progress(1, 30, 60))

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        chunks = feed.follow(feed.open(None, mine.job_id), mine.job_id)
        first = await _take(chunks, 1)
        await asyncio.to_thread(move)
        return first + await _take(chunks, 1)

    whole, moved = _run(db, body)
    job: Any = json.loads(whole.data)
    assert (whole.event, whole.id, job["status"]) == ("job_started", "3", "running")
    assert job["jobId"] == mine.job_id != other.job_id
    assert (moved.event, moved.id) == ("job_progress", "5")


def test_a_jobs_feed_resumes_after_an_id(db: Database) -> None:
    with db.writing() as tx:
        mine, _ = add_test(tx), add_test(tx)
        claim(tx)

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        return await _take(feed.follow(feed.open("1", mine.job_id), mine.job_id), 1)

    (event,) = _run(db, body)
    assert (event.event, event.id) == ("job_progress", "3")


def test_an_unknown_job_has_no_feed(db: Database) -> None:
    with pytest.raises(NotFound):
        Feed(db, EventTail(db)).open(None, "nobody")
    with pytest.raises(NotFound):
        Feed(db, EventTail(db)).open("1", "nobody")


def test_a_resumed_feed_of_a_removed_job_has_all_its_events(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx)
        claim(tx)
        lifecycle.complete(tx, job.job_id, "w")
        lifecycle.remove(tx, job.job_id)

    async def body(feed: Feed, tail: EventTail) -> list[ServerSentEvent]:
        return await _take(feed.follow(feed.open("2", job.job_id), job.job_id), 2)

    done, removed = _run(db, body)
    assert done.event == "job_completed"
    assert json.loads(removed.data) == {"type": "job_removed", "jobId": job.job_id}
    with pytest.raises(NotFound):
        Feed(db, EventTail(db)).open(None, job.job_id)


@contextmanager
def _readers_of_the_log(db: Database) -> Iterator[list[str]]:
    """The name of the thread of each query for events, in their order."""
    threads: list[str] = []

    def record(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "FROM events" in statement and "min(" not in statement:
            threads.append(threading.current_thread().name)

    sqlalchemy.event.listen(db._engine, "before_cursor_execute", record)
    try:
        yield threads
    finally:
        sqlalchemy.event.remove(db._engine, "before_cursor_execute", record)


def test_live_events_are_read_and_encoded_once_for_all_feeds(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[int] = []
    original = recent.encode

    def encode(name: str, data: str, position: int) -> bytes:
        encoded.append(position)
        return original(name, data, position)

    monkeypatch.setattr(recent, "encode", encode)

    async def body(feed: Feed, tail: EventTail) -> list[list[ServerSentEvent]]:
        feeds = [feed.follow(feed.open(None)) for _ in range(40)]
        for chunks in feeds:
            await anext(chunks)
        with _readers_of_the_log(db) as threads:
            readers = asyncio.gather(*(_take(chunks, 20) for chunks in feeds))
            await asyncio.to_thread(_append, db, 20)
            received = await readers
            assert set(threads) == {"event-tail"}
        return received

    for received in _run(db, body):
        assert [int(event.id) for event in received] == list(range(1, 21))
    assert encoded == list(range(1, 21))


def test_feeds_that_resume_at_one_old_position_share_the_reading(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(700):  # more than a page
            event_log.append(tx, "job_progress", "{}", job_id="j")

    async def running() -> list[list[ServerSentEvent]]:
        tail = EventTail(db, poll_interval=0.005, at_start=0)
        tail.start()
        while tail.position < 700:
            await asyncio.sleep(0)
        feed = Feed(db, tail)
        feeds = [feed.follow(feed.open("0")) for _ in range(10)]
        try:
            with _readers_of_the_log(db) as threads:
                async with asyncio.timeout(60):
                    received = await asyncio.gather(*(_take(chunks, 700) for chunks in feeds))
                assert len(threads) == 2
            return list(received)
        finally:
            tail.stop()

    for received in asyncio.run(running()):
        assert [int(event.id) for event in received] == list(range(1, 701))


def test_a_feed_that_is_not_read_holds_up_no_other(db: Database) -> None:
    async def body(feed: Feed, tail: EventTail) -> list[list[ServerSentEvent]]:
        slow, quick = feed.follow(feed.open(None)), feed.follow(feed.open(None))
        await anext(slow)
        await asyncio.to_thread(_append, db, 50)
        return [await _take(quick, 50), await _take(slow, 50)]

    for received in _run(db, body):
        assert [int(event.id) for event in received] == list(range(1, 51))
