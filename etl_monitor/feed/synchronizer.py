"""Following the feed over one connection: list and stream in the right order, into the store.

Where the service numbers its events (its list carries a position):
    list at N → stream from N. After a break: stream from the last position.
The feed replays everything after the position it is asked for, so nothing falls in between, and
nothing comes twice.

Where it does not:
    stream → list, after every break.
What happens before the list is in the list; what happens after it waits in the stream, which was
open before. An event that is in both is late or a repetition, and the store ignores it.

Positions count within one log of events only. Where list and stream name theirs (`X-Event-Log-Id`),
another database behind the same address is noticed, however far its positions are.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NoReturn

from etl_monitor import events
from etl_monitor.client import EtlClient
from etl_monitor.errors import ApiError, FeedDisconnected, NotFound, ServiceUnavailable
from etl_monitor.feed.connection import (
    FeedConnection,
    can_be_asked_for,
    refusal_code,
    seconds_of,
    stops_for_good,
)
from etl_monitor.feed.metrics import FeedMetrics
from etl_monitor.sse import EventReader, ServerSentEvent
from etl_monitor.store.job_merge import MergeOutcome
from etl_monitor.store.job_store import JobStore
from etl_monitor.wire.job import Job

_log = logging.getLogger(__name__)

_ONLY_A_LIST_HELPS = {
    MergeOutcome.GAP: ("gap", "The feed skipped an event."),
    MergeOutcome.RESET: ("feed_reset", "The service keeps no events as old as our last one."),
    MergeOutcome.MALFORMED: ("malformed", "An event could not be read."),
}
RESYNCS = frozenset(code for code, _ in _ONLY_A_LIST_HELPS.values()) | {"other_log"}
# The list is also what tells the news while a proxy lets nothing of the stream through.
_NEEDS_LIST = RESYNCS | {"too_large", "buffered"}


class FeedSynchronizer:
    """What is known from one connection to the next. `run` in one thread, `interrupt` in any."""

    def __init__(
        self,
        client: EtlClient,
        store: JobStore,
        *,
        silence: float,
        max_block: int,
        metrics: FeedMetrics,
        clock: Callable[[], datetime],
        is_wanted: Callable[[], bool],
        live: Callable[[], None],
    ) -> None:
        """`live` is called each time the store is right and the stream is open; where the stream
        before was held back on its way, only once something comes."""
        self._client = client
        self._store = store
        self._silence = silence
        self._max_block = max_block
        self._clock = clock
        self._is_wanted = is_wanted
        self._live = live
        self._connection: FeedConnection | None = None
        self._log_id = ""  # of the last list
        self._needs_list = True
        self._is_first_run = True
        self._is_held_back = False  # nothing came of the last stream, not even a heartbeat
        self.brought_news = False  # whether the last run moved the store on
        self.retry_ms: int | None = None  # what the stream last asked for with `retry:`
        self.lag: float | None = None  # seconds that the newest event took, by the service's clock
        self._metrics = metrics

    def run(self) -> NoReturn:
        """Follow until it breaks. Raises FeedBroken, always."""
        self.brought_news = False
        try:
            self._follow()
        except FeedDisconnected as broken:
            self._needs_list = self._needs_list or broken.code in _NEEDS_LIST
            self._is_held_back = self._is_held_back or broken.code == "buffered"
            raise
        except (ApiError, ServiceUnavailable) as error:
            raise _as_broken(error) from error
        finally:
            self._is_first_run = False
        raise FeedDisconnected("ended", "The service ended the stream.")

    def interrupt(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.interrupt()

    def _follow(self) -> None:
        if self._needs_list:
            self._take_list()
        connection = FeedConnection(self._client.access, silence=self._silence)
        with connection:
            # In this order: who stops us either finds the connection or is found to have done so.
            self._connection = connection
            self._stop_if_unwanted()
            connection.open(self._store.position if self._has_positions else "")
            if self._has_positions:
                self._check_log(connection.log_id)
            else:
                self._take_list()
            self._complete_all()
            self._stop_if_unwanted()
            if not self._is_held_back:
                self._live()
            self._read(connection)

    @property
    def _has_positions(self) -> bool:
        """Only a list tells: events with ids, but no list with a position, could not be matched."""
        return can_be_asked_for(self._store.position)

    def _check_log(self, told: str) -> None:
        if told != self._log_id and told and self._log_id:
            raise FeedDisconnected("other_log", "The service has another database than before.")

    def _take_list(self) -> None:
        listed = self._client.jobs()
        self._log_id = listed.log_id
        self._store.replace(listed.jobs, listed.position, complete=listed.complete)
        self._needs_list = False
        if not self._is_first_run:
            self._store.count("resyncs")

    def _read(self, connection: FeedConnection) -> None:
        reader = EventReader(
            self._noted(connection.chunks()), self._store.position, max_block=self._max_block
        )
        try:
            for event in reader:
                self._take(event)
        finally:
            self.retry_ms = self.retry_ms if reader.retry is None else reader.retry

    def _noted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Any byte is a sign of life, a comment's too."""
        for chunk in chunks:
            self._store.mark_received(self._clock())
            if self._is_held_back:
                self._is_held_back = False
                self._live()
            yield chunk

    def _take(self, event: ServerSentEvent) -> None:
        told, now = events.parse(event), self._clock()
        self._metrics.count_event("unknown" if isinstance(told, events.Unknown) else event.event)
        self._store.mark_received(now, event=True)
        if isinstance(told, events.JobUpdate) and told.job.updated_at is not None:
            self.lag = max(0.0, (now - told.job.updated_at).total_seconds())
        outcome = self._store.apply(told, event.id if self._has_positions else "")
        if outcome in _ONLY_A_LIST_HELPS:
            _log.warning("event_needs_list", extra={"event_id": event.id, "told": repr(told)[:500]})
            raise FeedDisconnected(*_ONLY_A_LIST_HELPS[outcome])
        if outcome is MergeOutcome.INCOMPLETE and isinstance(told, events.JobUpdate):
            self._complete(told.job.job_id)
        self.brought_news = self.brought_news or outcome in (
            MergeOutcome.APPLIED,
            MergeOutcome.INCOMPLETE,
        )

    def _complete_all(self) -> None:
        """Before each time that it is live: asking may have failed on the connection before, and
        the feed tells such a job's end only to who followed it then."""
        for job_id in self._store.snapshot().incomplete:
            self._stop_if_unwanted()
            self._complete(job_id)

    def _complete(self, job_id: str) -> None:
        """Ask for the whole of a job of which only a part is known."""
        try:
            detail = self._client.job(job_id)
        except NotFound:
            self._store.resolve(job_id, None)
            return
        known = {name: getattr(detail, name) for name in Job.model_fields}
        self._store.resolve(job_id, Job(**known))

    def _stop_if_unwanted(self) -> None:
        if not self._is_wanted():
            raise FeedDisconnected("stopped", "Nobody wants the feed any more.", final=True)


def _as_broken(error: ApiError | ServiceUnavailable) -> FeedDisconnected:
    """The list's failure, in the feed's words."""
    status = error.status if isinstance(error, ApiError) else error.details.get("status")
    if status is None:
        return FeedDisconnected(error.details.get("reason", error.code), error.message)
    return FeedDisconnected(
        refusal_code(status),
        error.message,
        final=stops_for_good(status),
        retry_after=seconds_of(error.details.get("retry_after")),
    )
