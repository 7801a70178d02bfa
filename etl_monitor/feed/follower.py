"""The follower: one thread that keeps the store equal to what the service knows.

`following.py` says how one connection is followed; here is when the next one is tried, and when
nobody tries any more. `docs/reliability.md` lists every fault, and the test that shows it.
"""

import logging
import random as _random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from etl_monitor.client import EtlClient
from etl_monitor.errors import FeedDisconnected
from etl_monitor.feed.metrics import FeedMetrics
from etl_monitor.feed.retry_policy import RetryPolicy
from etl_monitor.feed.synchronizer import RESYNCS, FeedSynchronizer
from etl_monitor.sse import MAX_BLOCK
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot

_log = logging.getLogger(__name__)

_STOPS_WITHIN = 1.0  # seconds that `stop` waits for the thread


def _now() -> datetime:
    return datetime.now(UTC)


class Follower:
    """Its methods may be called from any thread and do not wait for the network."""

    def __init__(
        self,
        client: EtlClient,
        store: JobStore,
        *,
        reconnect_interval: float = 5.0,
        max_reconnect_attempts: int = 5,
        silence: float = 45.0,
        max_block: int = MAX_BLOCK,
        clock: Callable[[], datetime] = _now,
        random: Callable[[], float] = _random.random,
    ) -> None:
        """Seconds: `reconnect_interval` before the first attempt (see RetryPolicy), `silence`
        without a byte after which a connection counts as broken: three heartbeats. `max_block`
        bounds one event in bytes."""
        self.policy = RetryPolicy(interval=reconnect_interval, max_attempts=max_reconnect_attempts)
        self._store = store
        self._clock = clock
        self._random = random
        self.metrics = FeedMetrics()
        self._following = FeedSynchronizer(
            client,
            store,
            silence=silence,
            max_block=max_block,
            metrics=self.metrics,
            clock=clock,
            is_wanted=lambda: self._is_wanted,
            live=self._live,
        )
        self._changed = threading.Condition()  # guards what follows
        self._thread: threading.Thread | None = None
        self._is_wanted = False
        self._is_stopping = False
        self._may_be_nudged = False  # gave up for a reason that may have gone
        self._hurries = False  # the next wait is skipped
        self._attempt = 0
        self._was_live = False
        self._last_break = ""
        self._live_since = 0.0
        self._last_resync = float("-inf")

    def connect(self) -> None:
        """Follow from now on, with all attempts unused. Does nothing to a live connection."""
        if not self._is_wanted:
            self._tell(ConnectionState.CONNECTING)
        with self._changed:
            self._is_wanted, self._is_stopping = True, False
            self._attempt = 0
            self._hurry()
            self._start_thread()
            self._changed.notify_all()

    def disconnect(self) -> None:
        """Stop following until `connect`. What is known stays in the store."""
        with self._changed:
            self._is_wanted = self._may_be_nudged = False
            self._changed.notify_all()
        self._following.interrupt()
        self._tell_disconnected()

    def retry_now(self) -> None:
        """Try now: the service is said to be back. Also when all attempts were used up, but not
        after `disconnect` or a refusal for good."""
        with self._changed:
            if self._may_be_nudged:
                self._is_wanted, self._may_be_nudged, self._attempt = True, False, 0
            self._hurry()
            self._changed.notify_all()

    def stop(self) -> bool:
        """Disconnect and end the thread. Whether it ended within a second: while a connection is
        being made, or a list is being waited for, it ends by itself as soon as that times out."""
        with self._changed:
            self._is_stopping = True
            thread = self._thread
        self.disconnect()
        if thread is not None:
            thread.join(_STOPS_WITHIN)
        return thread is None or not thread.is_alive()

    @property
    def lag(self) -> float | None:
        """Seconds that the newest event took to get here, by the service's clock and ours."""
        return self._following.lag

    def wait_until(self, predicate: Callable[[Snapshot], bool], timeout: float) -> bool:
        """Wait for the store to look like this; False after `timeout` seconds."""
        changed = threading.Event()
        unsubscribe = self._store.subscribe(changed.set)
        deadline = time.monotonic() + timeout
        try:
            while not predicate(self._store.snapshot()):
                if not changed.wait(deadline - time.monotonic()):
                    return predicate(self._store.snapshot())
                changed.clear()
            return True
        finally:
            unsubscribe()

    def _hurry(self) -> None:
        """Not while it is live: its next break, whenever that is, is waited for like any other."""
        self._hurries = self._state is not ConnectionState.LIVE

    def _start_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="etl-feed", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """The thread's top: no mistake of ours may end it, for the page would stay as it is."""
        while True:
            try:
                if not self._rest_until_wanted():
                    return
                self._broke(self._followed())
            except Exception:  # noqa: BLE001
                _log.exception("follower_failed")
                self._rest_after_mistake()

    def _followed(self) -> FeedDisconnected:
        """Follow until it breaks; how it broke."""
        try:
            self._following.run()
        except FeedDisconnected as broken:
            return broken
        except Exception as error:  # noqa: BLE001  # a break like any other, but never for good
            _log.exception("follower_failed")
            return FeedDisconnected("internal_error", f"The follower failed: {error!r}")

    def _rest_after_mistake(self) -> None:
        """Where even dealing with a break failed."""
        if self._is_wanted:
            with suppress(Exception):
                self._tell(ConnectionState.RECONNECTING, reason="internal_error")
        with self._changed:
            self._changed.wait_for(lambda: self._hurries or self._is_stopping, self.policy.interval)
            self._hurries = False

    def _rest_until_wanted(self) -> bool:
        """False: the thread is to end."""
        if not self._is_wanted:
            self._tell_disconnected()
        with self._changed:
            self._changed.wait_for(lambda: self._is_wanted or self._is_stopping)
            if self._is_stopping:
                self._thread = None
                return False
            self._hurries = False
        if self._state is ConnectionState.DISCONNECTED:
            self._tell(ConnectionState.CONNECTING)
        return True

    def _live(self) -> None:
        if self._was_live and self._state is ConnectionState.RECONNECTING:
            self._store.count("reconnects")
            self.metrics.count_reconnect(self._last_break)
        _log.info("feed_live", extra={"position": self._store.position})
        self._was_live = True
        self._live_since = time.monotonic()
        self._tell(ConnectionState.LIVE)
        with self._changed:
            self._hurries = False  # whoever was in a hurry has what they wanted

    def _broke(self, broken: FeedDisconnected) -> None:
        if broken.code == "stopped" or not self._is_wanted:
            return
        self._last_break = broken.code
        self.metrics.count_break(broken.code)
        if self._held():
            self._attempt = 0
        if broken.code in RESYNCS and self._may_resync_now():
            return
        if broken.final or self._attempt >= self.policy.max_attempts:
            self._give_up(broken)
        else:
            self._attempt += 1
            self._wait_for_attempt(broken)

    def _held(self) -> bool:
        """Whether the connection was a good one, so that counting starts over."""
        lived = time.monotonic() - self._live_since
        is_live = self._state is ConnectionState.LIVE and self._last_break != "buffered"
        return is_live and (self._following.brought_news or lived >= self.policy.interval)

    def _may_resync_now(self) -> bool:
        """Taking a list again is no fault of the connection, unless it happens all the time."""
        now = time.monotonic()
        is_rare = now - self._last_resync >= self.policy.interval
        self._last_resync = now
        return is_rare

    def _give_up(self, broken: FeedDisconnected) -> None:
        _log.warning("feed_given_up", extra={"reason": broken.code, "problem": broken.message})
        with self._changed:
            self._is_wanted = False
            self._may_be_nudged = not broken.final
        self._tell(ConnectionState.DISCONNECTED, reason=broken.code, message=broken.message)

    def _wait_for_attempt(self, broken: FeedDisconnected) -> None:
        delay = self.policy.delay(
            self._attempt,
            self._random,
            stream_retry_ms=self._following.retry_ms,
            retry_after=broken.retry_after,
        )
        told = {"reason": broken.code, "problem": broken.message, "attempt": self._attempt}
        told |= {"max_attempts": self.policy.max_attempts, "next_try_in": round(delay, 3)}
        _log.warning("feed_broke", extra=told)
        at = self._clock() + timedelta(seconds=delay)
        news = {"reason": broken.code, "message": broken.message}
        self._tell(ConnectionState.RECONNECTING, next_try_at=at, **news)
        with self._changed:
            self._changed.wait_for(lambda: self._hurries or not self._is_wanted, delay)
        if self._is_wanted:
            self._tell(ConnectionState.RECONNECTING, **news)

    @property
    def _state(self) -> ConnectionState:
        return self._store.connection.state

    def _tell_disconnected(self) -> None:
        """Of our own will; a reason for which it was given up before stays."""
        if self._state is not ConnectionState.DISCONNECTED:
            self._tell(ConnectionState.DISCONNECTED, reason="stopped")

    def _tell(self, state: ConnectionState, **news: Any) -> None:
        shown = {"next_try_at": None, "reason": None, "message": None, **news}
        attempt = 0 if state is ConnectionState.LIVE else self._attempt
        connection = replace(
            self._store.connection,
            state=state,
            attempt=attempt,
            max_attempts=self.policy.max_attempts,
            **shown,
        )
        self._store.set_connection(connection)
