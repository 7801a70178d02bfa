"""Following the feed over one connection: list and stream in the right order, into the store.

If the service numbers its events (its list has a position):
    list at N → stream from N. After a break: stream from the last position.
The feed replays everything after the requested position, so that no event is lost or repeated.

If it does not:
    stream → list, after every break.
What happens before the list is in the list; what happens after it waits in the stream, which was
opened before. An event that is in both is late or a duplicate, and the store ignores it.

Positions belong to one event log. If list and stream name theirs (`X-Event-Log-Id`), another
database behind the same address is noticed, whatever its positions are.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import NoReturn

from etl_monitor import events
from etl_monitor.client import EtlClient
from etl_monitor.errors import ApiError, FeedDisconnected, NotFound, ServiceUnavailable
from etl_monitor.feed.connection import FeedConnection, is_usable_position, stopped
from etl_monitor.feed.metrics import FeedMetrics
from etl_monitor.feed.reply_status import is_final_status, parse_retry_after, reason_of_status
from etl_monitor.feed.service_clock import TOLERANCE, ServiceClock
from etl_monitor.sse import EventReader, ServerSentEvent
from etl_monitor.store.job_merge import MergeOutcome
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job

_log = logging.getLogger(__name__)

_LIST_NEEDED = {
    MergeOutcome.GAP: ("gap", "The feed skipped an event."),
    MergeOutcome.RESET: ("feed_reset", "The service no longer has the events after our position."),
    MergeOutcome.MALFORMED: ("malformed", "An event could not be read."),
}
RESYNCS = frozenset(code for code, _ in _LIST_NEEDED.values()) | {"other_log"}
_PROGRESS = frozenset({MergeOutcome.APPLIED, MergeOutcome.INCOMPLETE})
# With a proxy that buffers the stream, the list is the only source of updates.
_NEEDS_LIST = RESYNCS | {"too_large", "buffered"}

_MAX_SINGLE = 3  # jobs that are fetched one by one; for more a list is loaded first
_MAX_QUESTIONS = 100  # for single jobs between two chunks of the stream
_REFILL_INTERVAL = 60.0  # seconds
_FETCH_INTERVAL = 1.0  # seconds between two attempts that fail
_MAX_FAILING = 10.0  # seconds in which fetching jobs may fail while events arrive


class FeedSynchronizer:
    """State that outlives a connection. Call `run` in one thread, `interrupt` in any."""

    def __init__(
        self,
        client: EtlClient,
        store: JobStore,
        *,
        silence: float,
        max_block: int,
        metrics: FeedMetrics,
        clock: Callable[[], datetime],
        is_active: Callable[[], bool],
        on_live: Callable[[], None],
    ) -> None:
        """`on_live` is called each time the store is up to date and the stream is open; if the
        stream before was buffered on its way, only once bytes arrive. `is_active` returns whether
        the feed is still to be followed."""
        self._client = client
        self._store = store
        self._silence = silence
        self._max_block = max_block
        self._clock = clock
        self._is_active = is_active
        self._on_live = on_live
        self._connection: FeedConnection | None = None
        self._log_id = ""  # of the last list
        self._needs_list = True
        self._is_first_run = True
        self._is_buffered = False  # nothing of the last stream arrived, not even a heartbeat
        self.has_progressed = False  # whether an event of the last run was applied
        self.retry_ms: int | None = None  # the last `retry:` of the stream
        self.lag: float | None = None  # seconds that the newest event took, by the service's clock
        self._metrics = metrics
        self._service_clock = ServiceClock()
        self._fetched: set[str] = set()  # ids of jobs that were fetched over this connection
        self._refilled_at = float("-inf")
        self._failing_since: float | None = None  # time.monotonic() of the first failed fetch
        self._failed_at = 0.0  # likewise, of the last one

    def run(self) -> NoReturn:
        """Follow the feed until it breaks. Always raises FeedDisconnected."""
        self.has_progressed = False
        try:
            self._follow()
        except FeedDisconnected as failure:
            self._needs_list = self._needs_list or failure.code in _NEEDS_LIST
            self._is_buffered = self._is_buffered or failure.code == "buffered"
            raise
        except (ApiError, ServiceUnavailable) as error:
            raise _as_disconnected(error) from error
        finally:
            self._is_first_run = False
        raise FeedDisconnected("ended", "The service ended the stream.")

    def interrupt(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def _follow(self) -> None:
        self._service_clock = ServiceClock()
        if self._needs_list:
            self._load_list()
        with closing(FeedConnection(self._client.access, silence=self._silence)) as connection:
            # In this order: a concurrent stop either finds the connection or is noticed below.
            self._connection = connection
            self._check_active()
            connection.open(self._store.position if self._has_positions else "")
            self._service_clock.is_live_only = not self._has_positions
            self._service_clock.read_header(connection.date, self._clock())
            if self._has_positions:
                self._check_log(connection.log_id)
            else:
                self._load_list()
            self._publish_clock()
            self._fetched.clear()
            self._failing_since = None
            self._resolve_incomplete_jobs()
            self._check_active()
            if not self._is_buffered:
                self._on_live()
            self._read(connection)

    @property
    def _has_positions(self) -> bool:
        """Whether events are numbered. Only a list shows it: without its position, ids could not be
        compared with it."""
        return is_usable_position(self._store.position)

    def _check_log(self, log_id: str) -> None:
        if log_id != self._log_id and log_id and self._log_id:
            raise FeedDisconnected("other_log", "The service has another database than before.")

    def _load_list(self) -> None:
        listed, now = self._client.all_jobs(), self._clock()
        jobs = self._read_times(listed.jobs, now)
        self._store.replace(jobs, listed.position, complete=listed.complete)
        self._log_id = listed.log_id
        self._needs_list = False
        if not self._is_first_run:
            self._store.count("resyncs")

    def _read_times(self, jobs: Iterable[Job], now: datetime) -> Iterator[Job]:
        """Pass jobs on; the newest change among them may show how far the service's clock is."""
        for job in jobs:
            self._service_clock.read_job(job.updated_at, now)
            yield job

    def _read(self, connection: FeedConnection) -> None:
        chunks = self._mark_received(connection)
        reader = EventReader(chunks, self._store.position, max_block=self._max_block)
        try:
            for received in reader.batches():
                self._handle(received)
        finally:
            self.retry_ms = self.retry_ms if reader.retry is None else reader.retry

    def _mark_received(self, connection: FeedConnection) -> Iterator[bytes]:
        """Pass the stream on; every byte shows that it is alive, also a comment's."""
        for chunk in connection.chunks():
            self._store.mark_received(self._clock())
            if self._is_buffered:
                self._is_buffered = False
                self._on_live()
            yield chunk
            self._resolve_between_chunks(connection)

    def _handle(self, received: list[ServerSentEvent]) -> None:
        """Apply events that arrived together."""
        now = self._clock()
        parsed = [events.parse_late(event, self._client.reader) for event in received]
        has_positions = self._has_positions
        positions = [event.id if has_positions else "" for event in received]
        self._store.mark_received(now, event=True)
        self._measure_lag(parsed, now)
        outcomes = self._store.apply_all(zip(parsed, positions, strict=True))
        self._count(received, parsed[: len(outcomes)])
        if not _PROGRESS.isdisjoint(outcomes):
            self.has_progressed = True
        if outcomes[-1] in _LIST_NEEDED:
            last = len(outcomes) - 1
            fields = {"event_id": received[last].id, "feed_event": repr(parsed[last])[:500]}
            _log.warning("event_needs_list", extra=fields)
            raise FeedDisconnected(*_LIST_NEEDED[outcomes[-1]])

    def _count(self, received: list[ServerSentEvent], applied: list[events.FeedEvent]) -> None:
        kinds = [sent.event for sent in received[: len(applied)]]
        if events.Unknown in set(map(type, applied)):
            kinds = [
                "unknown" if isinstance(event, events.Unknown) else kind
                for kind, event in zip(kinds, applied, strict=True)
            ]
        for kind, number in Counter(kinds).items():
            self._metrics.count_event(kind, number)

    def _measure_lag(self, parsed: list[events.FeedEvent], now: datetime) -> None:
        times = events.times_of(parsed)
        if times:
            self._service_clock.read_events(times, now)
            self._publish_clock()
            self.lag = max(0.0, (now - times[-1]).total_seconds())

    def _publish_clock(self) -> None:
        offset, connection = self._service_clock.offset, self._store.connection
        if abs(offset - connection.clock_offset) > TOLERANCE:
            self._store.set_connection(replace(connection, clock_offset=offset))

    def _resolve_between_chunks(self, connection: FeedConnection) -> None:
        """Fetch the jobs that the last chunk left incomplete. If that fails, the feed breaks, but
        not before the events that have arrived are read."""
        now = time.monotonic()
        if self._failing_since is not None and now - self._failed_at < _FETCH_INTERVAL:
            return
        try:
            self._resolve_incomplete_jobs()
        except ServiceUnavailable as error:
            self._failing_since, self._failed_at = self._failing_since or now, now
            if now - self._failing_since > _MAX_FAILING:
                raise
            connection.break_when_idle(_as_disconnected(error))
        else:
            if self._failing_since is not None:
                self._failing_since = None
                connection.break_when_idle(None)

    def _resolve_incomplete_jobs(self) -> None:
        """Fetch jobs of which only a part is known: a few by their ids, many by one list. Each is
        fetched once over a connection.

        This is done before the feed counts as live, as fetching may have failed on the connection
        before, and the feed does not repeat how such a job ended; and after each chunk.
        """
        if len(self._unfetched()) > _MAX_SINGLE or self._may_refill():
            self._load_list()
        for job_id in self._unfetched()[:_MAX_QUESTIONS]:
            self._check_active()
            self._resolve(job_id)
            self._fetched.add(job_id)

    def _unfetched(self) -> list[str]:
        return [job_id for job_id in self._store.incomplete if job_id not in self._fetched]

    def _may_refill(self) -> bool:
        """Return whether to load active jobs that were left out, at most once a minute."""
        now = time.monotonic()
        is_due = self._store.has_room and now - self._refilled_at >= _REFILL_INTERVAL
        self._refilled_at = now if is_due else self._refilled_at
        return is_due

    def _resolve(self, job_id: str) -> None:
        try:
            detail = self._client.job(job_id)
        except NotFound:
            self._store.resolve(job_id, None)
        except ServiceUnavailable as error:
            if error.code != "other_version":  # what is known of the job has to do
                raise
        else:
            names = {*Job.model_fields, "sent_status"} & vars(detail).keys()
            fields = {name: getattr(detail, name) for name in names}
            self._store.resolve(job_id, Job.of_fields(fields))

    def _check_active(self) -> None:
        if not self._is_active():
            raise stopped()


def _as_disconnected(error: ApiError | ServiceUnavailable) -> FeedDisconnected:
    """Convert a failure of the list, or of a job's details, into one of the feed."""
    status = error.status if isinstance(error, ApiError) else error.details.get("status")
    if status is None:
        return FeedDisconnected(error.details.get("reason", error.code), error.message)
    return FeedDisconnected(
        reason_of_status(status),
        error.message,
        final=is_final_status(status),
        retry_after=parse_retry_after(error.details.get("retry_after")),
    )
