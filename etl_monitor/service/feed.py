"""The feed: server-sent events from the event log, first those missed, then live ones."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fastapi.sse import format_sse_event
from sqlalchemy import Connection

from etl_monitor.service import errors
from etl_monitor.service.events import event_log
from etl_monitor.service.events.recent import PAGE, Page, encode, encode_event
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.jobs import creation
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database

COMMENT_INTERVAL = 10.0  # seconds; the contract promises 15
_RESET = "feed_reset"


@dataclass(frozen=True, kw_only=True)
class StreamStart:
    """The position after which a subscriber's feed begins, and what is sent before that."""

    after: int
    log_id: str
    first: Sequence[bytes] = ()


class Feed:
    """The events of all jobs, or of one, for any number of subscribers."""

    def __init__(
        self, db: Database, tail: EventTail, *, comment_interval: float = COMMENT_INTERVAL
    ) -> None:
        self._db, self._tail, self._comment_interval = db, tail, comment_interval
        self._slots: Counter[str] = Counter()  # open feeds by owner
        self._slots_lock = threading.Lock()
        self._reached: dict[object, int] = {}  # position by subscriber
        self._reads: dict[tuple[int, str | None], asyncio.Task[Page]] = {}  # in progress

    @property
    def subscribers(self) -> int:
        return len(self._reached)

    @contextmanager
    def acquire_slot(self, owner: str, limit: int) -> Iterator[None]:
        """Count one more feed of its owner. Raises TooMany if the owner has `limit` of them."""
        with self._slots_lock:
            if self._slots[owner] >= limit:
                raise errors.TooManyFeeds(limit=limit)
            self._slots[owner] += 1
        try:
            yield
        finally:
            with self._slots_lock:
                self._slots[owner] -= 1
                self._slots += Counter()  # drops owners without open feeds

    def furthest_behind(self, position: int) -> int:
        """Return the position of the slowest subscriber, or `position` if there are none."""
        return min([position, *self._reached.values()])

    def open(self, last_event_id: str | None, job_id: str | None = None) -> StreamStart:
        """Return where a feed starts.

        `last_event_id` is the subscriber's `Last-Event-ID`, as sent. Without it a job's feed begins
        with the whole job; with it the feed goes on to its end, even if the job was removed since.
        Raises NotFound if the job is unknown.
        """
        with self._db.reading() as tx:
            resumes_job = bool(last_event_id) and _has_events(tx, job_id)
            job = None if resumes_job or job_id is None else job_queries.get(tx, job_id)
            newest, oldest = event_log.position(tx), event_log.oldest(tx)
            log_id = event_log.log_id(tx)
        now = StreamStart(after=newest, log_id=log_id)
        if last_event_id:
            return _resume(last_event_id, now, oldest=oldest)
        if job is None:
            return now
        data = job.model_dump_json(by_alias=True)
        return replace(now, first=[encode(creation.STARTED, data, newest)])

    async def follow(
        self,
        start: StreamStart,
        job_id: str | None = None,
        *,
        is_authorized: Callable[[], bool] = lambda: True,
    ) -> AsyncIterator[bytes]:
        """Yield the feed, until the service stops or soon after `is_authorized` becomes false."""
        subscriber = object()
        self._reached[subscriber] = start.after
        try:
            async for chunk in self._chunks(subscriber, start, job_id, is_authorized):
                yield chunk
        finally:
            del self._reached[subscriber]

    async def _chunks(
        self,
        subscriber: object,
        start: StreamStart,
        job_id: str | None,
        is_authorized: Callable[[], bool],
    ) -> AsyncIterator[bytes]:
        yield format_sse_event(comment="connected")
        for chunk in start.first:
            yield chunk
        after, comment_due = start.after, time.monotonic() + self._comment_interval
        while not self._tail.closed:
            self._reached[subscriber] = after
            page = await self._page_after(after, job_id)
            after = page.reached
            if page.data:
                yield page.data
            else:
                await self._tail.wait(after, max(0.0, comment_due - time.monotonic()))
            if time.monotonic() >= comment_due:
                comment_due = time.monotonic() + self._comment_interval
                if not await asyncio.to_thread(is_authorized):
                    return
                yield format_sse_event(comment="still here")

    async def _page_after(self, after: int, job_id: str | None) -> Page:
        """Return the next events after this position: from memory, or from the log if they are no
        longer there. Subscribers at the same position share one reading."""
        if after >= self._tail.recent.start:
            return self._tail.recent.page_after(after, job_id)
        key = (after, job_id)
        if key not in self._reads:
            self._reads[key] = asyncio.create_task(asyncio.to_thread(self._read, after, job_id))
            self._reads[key].add_done_callback(lambda _: self._reads.pop(key))
        return await asyncio.shield(self._reads[key])  # one may leave while others wait

    def _read(self, after: int, job_id: str | None) -> Page:
        with self._db.reading() as tx:
            newest = event_log.position(tx)
            oldest = event_log.oldest(tx)
            events = event_log.read_after(tx, after, limit=PAGE, job_id=job_id)
        if after + 1 < oldest:  # the next events were pruned before they could be sent
            return Page(data=_reset(newest), reached=newest)
        reached = events[-1].position if len(events) == PAGE else newest
        data = b"".join(encode_event(event).data for event in events)
        return Page(data=data, reached=max(reached, after))


def _has_events(tx: Connection, job_id: str | None) -> bool:
    return job_id is not None and bool(event_log.read_after(tx, 0, limit=1, job_id=job_id))


def _resume(last_event_id: str, now: StreamStart, *, oldest: int) -> StreamStart:
    """Start after the given event, or with a reset if the events after it are not all there."""
    is_number = last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 20
    if is_number and oldest - 1 <= int(last_event_id) <= now.after:
        return replace(now, after=int(last_event_id))
    return replace(now, first=[_reset(now.after)])


def _reset(newest: int) -> bytes:
    return encode(_RESET, json.dumps({"lastEventId": str(newest)}), newest)
