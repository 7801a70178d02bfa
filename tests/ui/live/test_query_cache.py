"""The process-wide cache of service replies: how often it calls, what it returns, when it waits."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.errors import ServiceUnavailable
from etl_monitor.ui.live import query_cache
from etl_monitor.ui.live.background import BackgroundCalls
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job, JobDetail
from tests.support import factories
from tests.support.eventually import eventually
from tests.support.factories import JOB, next_context, render_context
from tests.support.scripted_server import Exchange, ScriptedServer, Step, rejection, reply

CALL = f"/etl/jobs/{JOB}"
THREADS = 100


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def ctx(server: ScriptedServer) -> Iterator[RenderContext]:
    """The context of the live bus, which may not wait."""
    with render_context(base_url=server.address) as context:
        yield replace(context, may_wait=False)


def job(**fields: object) -> Step:
    return reply(factories.running(**fields).model_dump(mode="json", by_alias=True))


def gated(gate: threading.Event, step: Step) -> Step:
    def wait(exchange: Exchange) -> None:
        gate.wait(30)
        step(exchange)

    return wait


def fetch_from(server: ScriptedServer) -> Callable[[], JobDetail]:
    client = EtlClient(server.address, timeout=(10, 30))
    return lambda: client.job(JOB)


def together(call: Callable[[], object], count: int = THREADS) -> list[object]:
    """Call from many threads at once; return each thread's value or error code."""
    barrier = threading.Barrier(count)

    def attempt(_: int) -> object:
        barrier.wait()
        try:
            return call()
        except ServiceUnavailable as error:
            return error.code

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(attempt, range(count)))


def open_when_all_wait(gate: threading.Event, cache: QueryCache[JobDetail]) -> None:
    """Let the reply come once all threads but the one that calls wait for it."""

    def all_wait() -> None:
        futures: list[Any] = [call.future for call in list(cache._calls.values())]
        assert [len(future._condition._waiters) for future in futures] == [THREADS - 1]

    def run() -> None:
        eventually(all_wait)
        gate.set()

    threading.Thread(target=run).start()


def test_a_hundred_threads_with_one_key_make_one_request(server: ScriptedServer) -> None:
    gate = threading.Event()
    server.on(CALL, gated(gate, job()))
    cache: QueryCache[JobDetail] = QueryCache()
    fetch = fetch_from(server)
    open_when_all_wait(gate, cache)
    values = together(lambda: cache.get("key", 1, fetch).job_id)
    assert values == [JOB] * THREADS
    assert len(server.seen(CALL)) == 1


def test_all_threads_waiting_for_a_failing_call_get_its_error_and_the_next_one_calls_again(
    server: ScriptedServer,
) -> None:
    gate = threading.Event()
    server.on(CALL, gated(gate, rejection(503, "database_unavailable")), job())
    cache: QueryCache[JobDetail] = QueryCache()
    fetch = fetch_from(server)
    open_when_all_wait(gate, cache)
    errors = together(lambda: cache.get("key", 1, fetch))
    assert errors == ["database_unavailable"] * THREADS
    assert len(server.seen(CALL)) == 1
    assert cache.get("key", 1, fetch).job_id == JOB
    assert len(server.seen(CALL)) == 2


def test_a_reply_is_valid_for_its_version() -> None:
    cache: QueryCache[int] = QueryCache()
    numbers = iter(range(9))
    fetch = lambda: next(numbers)  # noqa: E731
    assert [cache.get("key", version, fetch) for version in (1, 1, 2, 2)] == [0, 0, 1, 1]


def test_a_reply_is_valid_for_its_maximum_age() -> None:
    cache: QueryCache[int] = QueryCache()
    numbers = iter(range(9))
    fetch = lambda: next(numbers)  # noqa: E731
    ages = (None, 60.0, 0.0, 60.0)
    assert [cache.get("key", 1, fetch, max_age=age) for age in ages] == [0, 0, 1, 1]


def test_an_older_call_does_not_replace_the_reply_of_a_newer_one() -> None:
    """The version may change while a call is running."""
    cache: QueryCache[str] = QueryCache()
    started, gate = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        gate.wait(60)
        return "old"

    with ThreadPoolExecutor(1) as threads:
        older = threads.submit(cache.get, "key", 1, slow)
        assert started.wait(60)
        assert cache.get("key", 2, lambda: "new") == "new"
        gate.set()
        assert older.result(60) == "old", "a call for the old version returns it"
    last = cache.last("key")
    assert last is not None
    assert (last.value, last.version) == ("new", 2)


def test_the_least_recently_used_key_is_dropped() -> None:
    cache: QueryCache[str] = QueryCache(max_keys=2)
    for key in ("a", "b"):
        cache.get(key, 1, lambda: "x")
    cache.get("a", 1, lambda: "never called")
    cache.get("c", 1, lambda: "x")
    assert [cache.last(key) is not None for key in ("a", "b", "c")] == [True, False, True]


def test_a_key_that_is_dropped_while_its_call_is_on_its_way_still_gets_its_reply() -> None:
    cache: QueryCache[str] = QueryCache(max_keys=1)
    started, gate = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        gate.wait(60)
        return "reply"

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(cache.get, "key", 1, slow)
        assert started.wait(60)
        cache.get("other", 1, lambda: "x")
        gate.set()
        assert waiting.result(60) == "reply"


def test_the_bus_does_not_wait_and_is_redrawn_with_the_reply(
    server: ScriptedServer, ctx: RenderContext
) -> None:
    gate, redrawn = threading.Event(), threading.Event()
    server.on(CALL, gated(gate, job()))
    cache: QueryCache[JobDetail] = QueryCache()
    bus, fetch = replace(ctx, redraw=redrawn.set), fetch_from(server)
    with pytest.raises(NotReady):
        cache.read(bus, "key", 1, fetch)
    gate.set()
    assert redrawn.wait(60)
    assert cache.read(bus, "key", 1, fetch).job_id == JOB
    assert len(server.seen(CALL)) == 1


def test_the_bus_gets_the_last_reply_while_the_next_one_is_on_its_way(
    server: ScriptedServer, ctx: RenderContext
) -> None:
    gate, redrawn = threading.Event(), threading.Event()
    server.on(CALL, job(progress=1), gated(gate, job(progress=2)))
    cache: QueryCache[JobDetail] = QueryCache()
    fetch = fetch_from(server)
    cache.get("key", 1, fetch)
    bus = replace(ctx, redraw=redrawn.set)
    assert cache.read(bus, "key", 2, fetch).progress == 1
    assert cache.read(bus, "key", 3, fetch).progress == 1, "and there is one call at a time"
    gate.set()
    assert redrawn.wait(60)
    assert len(server.seen(CALL)) == 2
    assert cache.read(bus, "key", 2, fetch).progress == 2


def test_every_session_that_waits_is_redrawn(server: ScriptedServer, ctx: RenderContext) -> None:
    gate = threading.Event()
    server.on(CALL, gated(gate, job()))
    cache: QueryCache[JobDetail] = QueryCache()
    fetch, redrawn = fetch_from(server), [threading.Event() for _ in range(3)]
    for number, event in enumerate(redrawn):
        session = replace(ctx.session, id=str(number))
        with pytest.raises(NotReady):
            cache.read(replace(ctx, session=session, redraw=event.set), "key", 1, fetch)
    gate.set()
    assert all(event.wait(60) for event in redrawn)
    assert len(server.seen(CALL)) == 1


def test_a_failed_call_redraws_the_bus_and_is_repeated_only_after_an_update(
    server: ScriptedServer, ctx: RenderContext
) -> None:
    """Else each failure would redraw the page, and each drawing would call again."""
    redrawn = threading.Event()
    server.on(CALL, rejection(503, "database_unavailable"), rejection(503, "database_unavailable"))
    cache: QueryCache[JobDetail] = QueryCache()
    bus, fetch = replace(ctx, redraw=redrawn.set), fetch_from(server)
    with pytest.raises(NotReady):
        cache.read(bus, "key", 1, fetch)
    assert redrawn.wait(60)
    for _ in range(3):
        with pytest.raises(ServiceUnavailable):
            cache.read(bus, "key", 1, fetch)
    assert len(server.seen(CALL)) == 1
    redrawn.clear()
    later = next_context(bus, factories.running())
    with pytest.raises(ServiceUnavailable):
        cache.read(later, "key", 1, fetch)
    assert redrawn.wait(60)
    assert len(server.seen(CALL)) == 2


def test_a_reply_after_a_failure_ends_it(server: ScriptedServer, ctx: RenderContext) -> None:
    server.on(CALL, rejection(503, "database_unavailable"), job())
    cache: QueryCache[JobDetail] = QueryCache()
    redrawn, fetch = threading.Event(), fetch_from(server)
    bus = replace(ctx, redraw=redrawn.set)
    with pytest.raises(ServiceUnavailable):
        cache.get("key", 1, fetch)
    with pytest.raises(ServiceUnavailable):
        cache.read(bus, "key", 1, fetch)
    assert redrawn.wait(60)
    assert cache.read(bus, "key", 1, fetch).job_id == JOB


def test_a_full_run_takes_over_a_call_that_waits_for_a_thread(
    ctx: RenderContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy(BackgroundCalls):
        def submit(self, call: Callable[[], object]) -> bool:
            return True  # later

    monkeypatch.setattr(query_cache, "_background", Busy())
    cache: QueryCache[str] = QueryCache()
    redrawn = threading.Event()
    with pytest.raises(NotReady):
        cache.read(replace(ctx, redraw=redrawn.set), "key", 1, lambda: "reply")
    assert cache.get("key", 1, lambda: "another") == "reply"
    assert redrawn.is_set()


def test_too_many_calls_are_not_queued(ctx: RenderContext, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, started = threading.Event(), threading.Event()
    background = BackgroundCalls(threads=1, max_waiting=1)
    monkeypatch.setattr(query_cache, "_background", background)
    cache: QueryCache[str] = QueryCache()

    def slow() -> str:
        started.set()
        gate.wait(60)
        return "reply"

    def reads(key: str) -> None:
        with pytest.raises(NotReady):
            cache.read(ctx, key, 1, slow)

    reads("a")
    assert started.wait(60)
    reads("b")  # waits in the queue
    reads("c")  # is refused
    gate.set()

    def has_the_replies() -> None:
        assert cache.last("a")
        assert cache.last("b")

    eventually(has_the_replies, within=60)
    assert cache.last("c") is None
    reads("c")  # a later drawing tries again


def test_a_bug_in_a_call_ends_no_thread() -> None:
    background = BackgroundCalls(threads=1)
    done = threading.Event()

    def breaks() -> Job:
        raise ZeroDivisionError

    assert background.submit(breaks)
    assert background.submit(done.set)
    assert done.wait(60)
