"""The feed: events from the log as server-sent events, first what was missed, then live."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from fastapi.sse import format_sse_event

from etl_monitor.service import errors
from etl_monitor.service.events import event_log
from etl_monitor.service.events.event_log import LoggedEvent
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.storage.database import Database

COMMENT_EVERY = 10.0  # seconds; the contract promises 15
_PAGE = 500  # events read at once
_RESET = "feed_reset"


@dataclass(frozen=True, kw_only=True)
class StreamStart:
    """Where a subscriber's feed begins, and what it is told first."""

    after: int
    log_id: str
    first: Sequence[bytes] = ()


class Feed:
    """All events, or one job's, for any number of subscribers."""

    def __init__(
        self, db: Database, tail: EventTail, *, comment_every: float = COMMENT_EVERY
    ) -> None:
        self._db, self._tail, self._comment_every = db, tail, comment_every
        self._taken: Counter[str] = Counter()  # places, by whose they are
        self._counting = threading.Lock()
        self._reached: dict[object, int] = {}  # by subscriber

    @property
    def subscribers(self) -> int:
        return len(self._reached)

    @contextmanager
    def acquire_slot(self, owner: str, limit: int) -> Iterator[None]:
        """For one more feed of somebody. Raises TooMany where they have `limit` of them."""
        with self._counting:
            if self._taken[owner] >= limit:
                raise errors.TooManyFeeds(limit=limit)
            self._taken[owner] += 1
        try:
            yield
        finally:
            with self._counting:
                self._taken[owner] -= 1
                self._taken += Counter()  # forgets those who have none

    def furthest_behind(self, position: int) -> int:
        """The position that the slowest subscriber has reached; without any the given one."""
        return min([position, *self._reached.values()])

    def open(self, last_event_id: str | None, job_id: str | None = None) -> StreamStart:
        """Return where a feed starts.

        `last_event_id` is the subscriber's `Last-Event-ID`, as sent. Without it a job's feed begins
        with the whole job; with it the feed goes on to its end, even if the job was removed since.
        Raises NotFound if the job is unknown.
        """
        with self._db.reading() as tx:
            was_there = (
                last_event_id and job_id and event_log.read_after(tx, 0, limit=1, job_id=job_id)
            )
            job = None if was_there or job_id is None else job_queries.get(tx, job_id)
            newest, oldest = event_log.position(tx), event_log.oldest(tx)
            log_id = event_log.log_id(tx)
        now = StreamStart(after=newest, log_id=log_id)
        if last_event_id:
            return _resume(last_event_id, now, oldest=oldest)
        if job is None:
            return now
        whole = job.model_dump_json(by_alias=True)
        return replace(now, first=[_encode(lifecycle.STARTED, whole, newest)])

    async def follow(
        self,
        start: StreamStart,
        job_id: str | None = None,
        *,
        is_authorized: Callable[[], bool] = lambda: True,
    ) -> AsyncIterator[bytes]:
        """Ends with the service, and soon after its subscriber is no longer welcome."""
        me = object()
        self._reached[me] = start.after
        try:
            async for chunk in self._chunks(me, start, job_id, is_authorized):
                yield chunk
        finally:
            del self._reached[me]

    async def _chunks(
        self, me: object, start: StreamStart, job_id: str | None, is_authorized: Callable[[], bool]
    ) -> AsyncIterator[bytes]:
        yield format_sse_event(comment="connected")
        for told in start.first:
            yield told
        after, comment_at = start.after, time.monotonic() + self._comment_every
        while not self._tail.closed:
            self._reached[me] = after
            chunk, after = await asyncio.to_thread(self._read, after, job_id)
            if chunk:
                yield chunk
            else:
                await self._tail.wait(after, max(0.0, comment_at - time.monotonic()))
            if time.monotonic() >= comment_at:
                comment_at = time.monotonic() + self._comment_every
                if not await asyncio.to_thread(is_authorized):
                    return
                yield format_sse_event(comment="still here")

    def _read(self, after: int, job_id: str | None) -> tuple[bytes, int]:
        """A page of what comes after this position, and the position that is then reached."""
        with self._db.reading() as tx:
            newest = event_log.position(tx)
            oldest = event_log.oldest(tx)
            page = event_log.read_after(tx, after, limit=_PAGE, job_id=job_id)
        if after + 1 < oldest:  # what comes next was cleared away before it could be sent
            return _reset(newest), newest
        reached = page[-1].position if len(page) == _PAGE else newest
        return b"".join(map(_encoded, page)), max(reached, after)


def _resume(asked: str, now: StreamStart, *, oldest: int) -> StreamStart:
    readable = asked.isascii() and asked.isdigit() and len(asked) < 20
    if readable and oldest - 1 <= int(asked) <= now.after:
        return replace(now, after=int(asked))
    return replace(now, first=[_reset(now.after)])


def _reset(newest: int) -> bytes:
    return _encode(_RESET, json.dumps({"lastEventId": str(newest)}), newest)


def _encoded(event: LoggedEvent) -> bytes:
    return _encode(event.name, event.data, event.position)


def _encode(name: str, data: str, position: int) -> bytes:
    return format_sse_event(event=name or None, data_str=data, id=str(position))
