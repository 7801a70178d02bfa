"""Process-wide cache of service replies.

Entries are valid for one version, concurrent requests for the same key share one call, and the
last reply stays available while the service is unreachable. A full run of a page waits for a
missing reply. The live bus never does: `read` gives it what is cached, fetches beside, and redraws
the session when the reply is there.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Generic, TypeVar

from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.background import BackgroundCalls
from etl_monitor.ui.session.view import RenderContext

T = TypeVar("T")

_MAX_KEYS = 128  # of one cache; the least recently used is dropped first
_RETRY_AFTER = 5.0  # seconds between two attempts of a failing call without any news

_background = BackgroundCalls()


class NotReady(Exception):
    """Nothing is cached yet and the caller may not wait. The reply will redraw the session."""


@dataclass(frozen=True, kw_only=True)
class Entry(Generic[T]):
    """A reply, the version for which it was requested, and when it arrived."""

    value: T
    version: Hashable
    at: datetime
    call_number: int
    received: float  # time.monotonic()

    def is_valid(self, version: Hashable, max_age: float | None) -> bool:
        is_recent = max_age is None or time.monotonic() - self.received < max_age
        return self.version == version and is_recent


@dataclass(frozen=True, kw_only=True)
class _Failure:
    """`attempt`: the versions of the query and of the snapshot for which the call was made."""

    error: EtlMonitorError
    attempt: Hashable
    at: float

    def stands_for(self, attempt: Hashable) -> bool:
        """Return True if another call would be the same attempt again, too soon. Else a failure
        would redraw the page, the drawing would call again, and so on."""
        return self.attempt == attempt and time.monotonic() - self.at < _RETRY_AFTER


@dataclass(kw_only=True)
class _Slot(Generic[T]):
    """What is cached for a key: the last reply, and the failure since then, if any."""

    entry: Entry[T] | None = None
    failure: _Failure | None = None


@dataclass(kw_only=True, eq=False)
class _Call(Generic[T]):
    """A call for one key and version, which any number of threads wait for."""

    key: Hashable
    version: Hashable
    attempt: Hashable
    number: int
    fetch: Callable[[], T]
    future: Future[T] = field(default_factory=Future)
    redraws: dict[str, Callable[[], None]] = field(default_factory=dict)  # by who redraws
    is_started: bool = False


class QueryCache(Generic[T]):
    """Key → reply. Safe to use from any thread."""

    def __init__(self, max_keys: int = _MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot[T]] = OrderedDict()
        self._calls: dict[tuple[Hashable, Hashable], _Call[T]] = {}
        self._numbers = count()

    def read(
        self,
        ctx: RenderContext,
        key: Hashable,
        version: Hashable,
        fetch: Callable[[], T],
        *,
        max_age: float | None = None,
    ) -> T:
        """Return the reply for a drawing. Waits for it only if `ctx` allows; otherwise it may be
        of an older version, and the session is redrawn with the new one.

        Raises the error of the last call if that failed, NotReady if there was none.
        """
        attempt = (version, ctx.snapshot.version)
        if ctx.may_wait:
            return self.get(key, version, fetch, max_age=max_age, attempt=attempt)
        with self._lock:
            slot = self._slot(key)
            if slot.entry is not None and slot.entry.is_valid(version, max_age):
                return slot.entry.value
            if slot.failure is None or not slot.failure.stands_for(attempt):
                self._fetch_beside(ctx, key, version, fetch, attempt)
            if slot.failure is not None:
                # Without its traceback, which would grow with each raising.
                raise slot.failure.error.with_traceback(None)
            if slot.entry is None:
                raise NotReady
            return slot.entry.value

    def get(
        self,
        key: Hashable,
        version: Hashable,
        fetch: Callable[[], T],
        *,
        max_age: float | None = None,
        attempt: Hashable = None,
    ) -> T:
        """Return the cached reply if it is of `version` and younger than `max_age` seconds, else
        call `fetch` or wait for the thread that does. Raises what `fetch` raises."""
        with self._lock:
            entry = self._slot(key).entry
            if entry is not None and entry.is_valid(version, max_age):
                return entry.value
            call = self._calls.get((key, version)) or self._new_call(key, version, fetch, attempt)
        self._run(call)
        return call.future.result()

    def last(self, key: Hashable) -> Entry[T] | None:
        """Return the last reply, however old, for use while the service is unreachable."""
        with self._lock:
            slot = self._slots.get(key)
            return slot.entry if slot else None

    def _fetch_beside(
        self,
        ctx: RenderContext,
        key: Hashable,
        version: Hashable,
        fetch: Callable[[], T],
        attempt: Hashable,
    ) -> None:
        """Start a call, unless there is one for this key already: a slow service gets one call at
        a time. The redrawing after that one starts the next, with the version of then."""
        call = next((call for call in self._calls.values() if call.key == key), None)
        if call is None:
            call = self._new_call(key, version, fetch, attempt)
            if not _background.submit(partial(self._run, call)):
                del self._calls[key, version]  # the next news try again
                return
        call.redraws[ctx.reader or ctx.session.id] = ctx.redraw

    def _new_call(
        self, key: Hashable, version: Hashable, fetch: Callable[[], T], attempt: Hashable
    ) -> _Call[T]:
        number = next(self._numbers)
        call = _Call(key=key, version=version, attempt=attempt, number=number, fetch=fetch)
        self._calls[key, version] = call
        return call

    def _run(self, call: _Call[T]) -> None:
        """Make the call in this thread, unless another thread does."""
        with self._lock:
            if call.is_started:
                return
            call.is_started = True
        try:
            value = call.fetch()
        except BaseException as error:
            self._record_failure(call, error)
            raise
        self._record_reply(call, value)

    def _record_reply(self, call: _Call[T], value: T) -> None:
        entry = Entry(
            value=value,
            version=call.version,
            at=datetime.now(UTC),
            call_number=call.number,
            received=time.monotonic(),
        )
        with self._lock:
            slot = self._slot(call.key)
            if slot.entry is None or slot.entry.call_number < call.number:
                slot.entry, slot.failure = entry, None
            del self._calls[call.key, call.version]
        call.future.set_result(value)
        _redraw(call)

    def _record_failure(self, call: _Call[T], error: BaseException) -> None:
        with self._lock:
            slot = self._slot(call.key)
            is_newest = slot.entry is None or slot.entry.call_number < call.number
            if is_newest and isinstance(error, EtlMonitorError):
                slot.failure = _Failure(error=error, attempt=call.attempt, at=time.monotonic())
            del self._calls[call.key, call.version]
        call.future.set_exception(error)
        _redraw(call)

    def _slot(self, key: Hashable) -> _Slot[T]:
        """Return the slot of `key`, now the most recently used one. The lock is held."""
        slot = self._slots.setdefault(key, _Slot())
        self._slots.move_to_end(key)
        while len(self._slots) > self._max_keys:
            self._slots.popitem(last=False)
        return slot


def _redraw(call: _Call[T]) -> None:
    for redraw in call.redraws.values():
        redraw()
