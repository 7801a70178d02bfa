"""The follower: one thread that keeps the store equal to the service's jobs.

`synchronizer.py` follows one connection; this module decides when to reconnect and when to give up.
`docs/reliability.md` lists every fault with the test that shows its handling.
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
from etl_monitor.feed.reconnect_delay import ReconnectDelay
from etl_monitor.feed.synchronizer import RESYNCS, FeedSynchronizer
from etl_monitor.sse import MAX_BLOCK
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot

_log = logging.getLogger(__name__)

_STOP_TIMEOUT = 1.0  # seconds that `stop` waits for the thread


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
        """Seconds: `reconnect_interval` before the first attempt (see ReconnectDelay), `silence`
        without a byte after which a connection counts as broken: three heartbeats. `max_block`
        bounds one event in bytes."""
        self.delays = ReconnectDelay(
            interval=reconnect_interval, max_attempts=max_reconnect_attempts
        )
        self.metrics = FeedMetrics()
        self._store = store
        self._clock = clock
        self._random = random
        self._synchronizer = FeedSynchronizer(
            client,
            store,
            silence=silence,
            max_block=max_block,
            metrics=self.metrics,
            clock=clock,
            is_active=lambda: self._is_active,
            on_live=self._on_live,
        )
        self._condition = threading.Condition()  # guards the attributes below
        self._thread: threading.Thread | None = None
        self._is_active = False  # the feed is to be followed
        self._is_stopping = False
        self._may_retry = False  # gave up for a reason that may be gone by now
        self._skips_wait = False
        self._attempt = 0
        self._was_live = False
        self._last_reason = ""  # of the last break
        self._live_since = 0.0
        self._last_resync = float("-inf")

    def connect(self) -> None:
        """Follow from now on, with all attempts unused. Does nothing to a live connection."""
        if not self._is_active:
            self._set_state(ConnectionState.CONNECTING)
        with self._condition:
            self._is_active, self._is_stopping = True, False
            self._attempt = 0
            self._skip_wait()
            self._start_thread()
            self._condition.notify_all()

    def disconnect(self) -> None:
        """Stop following until `connect`. The jobs stay in the store."""
        with self._condition:
            self._is_active = self._may_retry = False
            self._condition.notify_all()
        self._synchronizer.interrupt()
        self._set_disconnected()

    def retry_now(self) -> None:
        """Try to connect now, as the service is said to be back. This also works after all attempts
        were used, but not after `disconnect` or a final refusal."""
        with self._condition:
            if self._may_retry:
                self._is_active, self._may_retry, self._attempt = True, False, 0
            self._skip_wait()
            self._condition.notify_all()

    def stop(self) -> bool:
        """Disconnect and end the thread. Return whether it ended within a second: while it connects
        or waits for a list, it ends by itself as soon as that times out."""
        with self._condition:
            self._is_stopping = True
            thread = self._thread
        self.disconnect()
        if thread is not None:
            thread.join(_STOP_TIMEOUT)
        return thread is None or not thread.is_alive()

    @property
    def lag(self) -> float | None:
        """Seconds from the newest event's time, by the service's clock, to its arrival, by ours."""
        return self._synchronizer.lag

    def wait_until(self, predicate: Callable[[Snapshot], bool], timeout: float) -> bool:
        """Wait until `predicate` is true of the store; return False after `timeout` seconds."""
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

    def _skip_wait(self) -> None:
        """Skip the wait for the next attempt, but not after a break yet to come."""
        self._skips_wait = self._state is not ConnectionState.LIVE

    def _start_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="etl-feed", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """The thread's top: no bug of ours may end it, as the page would stay as it is."""
        while True:
            try:
                if not self._wait_until_active():
                    return
                self._handle_break(self._follow())
            except Exception:  # noqa: BLE001
                _log.exception("follower_failed")
                self._wait_after_bug()

    def _follow(self) -> FeedDisconnected:
        """Follow until the feed breaks; return how it broke."""
        try:
            self._synchronizer.run()
        except FeedDisconnected as failure:
            return failure
        except Exception as error:  # noqa: BLE001  # a break like any other, but never final
            _log.exception("follower_failed")
            return FeedDisconnected("internal_error", f"The follower failed: {error!r}")

    def _wait_after_bug(self) -> None:
        """Wait for one interval if even the handling of a break failed."""
        if self._is_active:
            with suppress(Exception):
                self._set_state(ConnectionState.RECONNECTING, reason="internal_error")
        with self._condition:
            self._condition.wait_for(
                lambda: self._skips_wait or self._is_stopping, self.delays.interval
            )
            self._skips_wait = False

    def _wait_until_active(self) -> bool:
        """Return False if the thread is to end."""
        if not self._is_active:
            self._set_disconnected()
        with self._condition:
            self._condition.wait_for(lambda: self._is_active or self._is_stopping)
            if self._is_stopping:
                self._thread = None
                return False
            self._skips_wait = False
        if self._state is ConnectionState.DISCONNECTED:
            self._set_state(ConnectionState.CONNECTING)
        return True

    def _on_live(self) -> None:
        if self._was_live and self._state is ConnectionState.RECONNECTING:
            self._store.count("reconnects")
            self.metrics.count_reconnect(self._last_reason)
        _log.info("feed_live", extra={"position": self._store.position})
        self._was_live = True
        self._live_since = time.monotonic()
        self._set_state(ConnectionState.LIVE)
        with self._condition:
            self._skips_wait = False  # the connection that was requested is there

    def _handle_break(self, failure: FeedDisconnected) -> None:
        if failure.code == "stopped" or not self._is_active:
            return
        self._last_reason = failure.code
        self.metrics.count_break(failure.code)
        if self._was_stable():
            self._attempt = 0
        if failure.code in RESYNCS and self._may_resync_now():
            return
        if failure.final or self._attempt >= self.delays.max_attempts:
            self._give_up(failure)
        else:
            self._attempt += 1
            self._wait_for_attempt(failure)

    def _was_stable(self) -> bool:
        """Return whether the connection worked, so that counting the attempts starts over."""
        lifetime = time.monotonic() - self._live_since
        is_live = self._state is ConnectionState.LIVE and self._last_reason != "buffered"
        return is_live and (self._synchronizer.has_progressed or lifetime >= self.delays.interval)

    def _may_resync_now(self) -> bool:
        """Return whether to load the list without a wait: the connection is not at fault, unless
        this happens all the time."""
        now = time.monotonic()
        is_rare = now - self._last_resync >= self.delays.interval
        self._last_resync = now
        return is_rare

    def _give_up(self, failure: FeedDisconnected) -> None:
        _log.warning("feed_given_up", extra={"reason": failure.code, "problem": failure.message})
        with self._condition:
            self._is_active = False
            self._may_retry = not failure.final
        self._set_state(ConnectionState.DISCONNECTED, reason=failure.code, message=failure.message)

    def _wait_for_attempt(self, failure: FeedDisconnected) -> None:
        delay = self.delays.delay(
            self._attempt,
            self._random,
            stream_retry_ms=self._synchronizer.retry_ms,
            retry_after=failure.retry_after,
        )
        fields = {"reason": failure.code, "problem": failure.message, "attempt": self._attempt}
        fields |= {"max_attempts": self.delays.max_attempts, "next_try_in": round(delay, 3)}
        _log.warning("feed_broke", extra=fields)
        at = self._clock() + timedelta(seconds=delay)
        details = {"reason": failure.code, "message": failure.message}
        self._set_state(ConnectionState.RECONNECTING, next_try_at=at, **details)
        with self._condition:
            self._condition.wait_for(lambda: self._skips_wait or not self._is_active, delay)
        if self._is_active:
            self._set_state(ConnectionState.RECONNECTING, **details)

    @property
    def _state(self) -> ConnectionState:
        return self._store.connection.state

    def _set_disconnected(self) -> None:
        """Show that we disconnected; the reason for which the feed was given up before stays."""
        if self._state is not ConnectionState.DISCONNECTED:
            self._set_state(ConnectionState.DISCONNECTED, reason="stopped")

    def _set_state(self, state: ConnectionState, **details: Any) -> None:
        details = {"next_try_at": None, "reason": None, "message": None, **details}
        connection = replace(
            self._store.connection,
            state=state,
            attempt=0 if state is ConnectionState.LIVE else self._attempt,
            max_attempts=self.delays.max_attempts,
            **details,
        )
        self._store.set_connection(connection)
