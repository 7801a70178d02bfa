"""When the follower tries again, and when it gives up."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from etl_monitor.feed.follower import Follower
from etl_monitor.store.connection_status import ConnectionState
from tests.feed.rig import BEAT, LIST, RUNNING_A, STREAM, TIMEOUT, Follow, progress
from tests.support.scripted_server import HOLD, RESET, Exchange, ScriptedServer, status, stream


def test_gives_up_after_the_last_attempt_and_shows_the_reason(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, status(500))
    rig = follow(max_reconnect_attempts=3)
    seen = rig.until_given_up()
    assert (seen.connection.reason, seen.connection.attempt) == ("http_500", 3)
    assert len(server.seen(STREAM)) == 4
    assert seen.jobs["a"].progress == 10, "the jobs stay"


def test_delays_grow_and_are_shown(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(500))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    rig = follow(max_reconnect_attempts=4, clock=lambda: now)
    rig.until_given_up()
    planned = [s.connection.next_try_at for s in rig.history if s.connection.next_try_at]
    assert [at - now for at in planned] == [
        timedelta(seconds=0.02 * factor) for factor in (1, 2, 4, 8)
    ]


def test_a_stable_connection_resets_the_attempts(server: ScriptedServer, follow: Follow) -> None:
    broken = [stream(progress(6 + n, 20 + n), RESET) for n in range(8)]
    server.on(STREAM, *broken, stream(BEAT, progress(14, 50), HOLD))
    rig = follow(max_reconnect_attempts=1)
    assert rig.until_progress(50).counters.reconnects == 8


def test_a_connection_that_ends_at_once_does_not_reset_the_attempts(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, stream(BEAT))
    rig = follow(max_reconnect_attempts=3, reconnect_interval=0.1)
    assert rig.until_given_up().connection.reason == "ended"
    assert len(server.seen(STREAM)) == 4


def test_the_streams_retry_is_respected(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(b"retry: 300\n\n", progress(6, 20)), stream(BEAT, HOLD))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    rig = follow(clock=lambda: now)
    rig.until_reason("ended")
    rig.until_live()
    (planned,) = {s.connection.next_try_at for s in rig.history} - {None}
    assert planned == now + timedelta(seconds=0.3)


def test_a_huge_retry_is_bounded(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(b"retry: " + b"9" * 400 + b"\n\n"), stream(BEAT, HOLD))
    now = datetime(2026, 3, 1, tzinfo=UTC)
    rig = follow(clock=lambda: now)
    seen = rig.until_reason("ended")
    assert seen.connection.next_try_at == now + timedelta(hours=1)
    rig.follower.retry_now()
    rig.until_live()


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("where", [LIST, STREAM])
def test_retry_after_is_respected(
    server: ScriptedServer, follow: Follow, form: str, where: str
) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=101), usegmt=True)
    server.on(where, status(503, retry_after="100" if form == "seconds" else later))
    before = datetime.now(UTC)
    rig = follow()
    seen = rig.until_reason("http_503")
    assert seen.connection.next_try_at is not None
    assert seen.connection.next_try_at - before > timedelta(seconds=90)


@pytest.mark.parametrize("never", ["soon", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"])
def test_an_invalid_retry_after_is_ignored(
    server: ScriptedServer, follow: Follow, never: str
) -> None:
    server.on(STREAM, status(503, retry_after=never), stream(BEAT, HOLD))
    rig = follow()
    rig.until_reason("http_503")
    rig.until_live()


def test_retry_now_skips_the_wait(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(500), stream(BEAT, HOLD))
    rig = follow(reconnect_interval=30)
    rig.until_reason("http_500")
    rig.follower.retry_now()
    rig.until_live()


def test_retry_now_resumes_after_giving_up(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(500), stream(BEAT, HOLD))
    rig = follow(max_reconnect_attempts=0)
    rig.until_given_up()
    rig.follower.retry_now()
    rig.until_live()


def test_connect_resets_the_attempts(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(500))
    rig = follow(max_reconnect_attempts=1)
    rig.until_given_up()
    rig.follower.connect()
    assert rig.store.snapshot().connection.state is not ConnectionState.LIVE
    rig.until(lambda seen: len(server.seen(STREAM)) >= 4 and seen.connection.attempt == 1)


@pytest.mark.parametrize("call", [Follower.connect, Follower.retry_now])
@pytest.mark.parametrize("while_live", [True, False], ids=["live", "connecting"])
def test_hurrying_a_live_connection_does_not_skip_the_next_wait(
    server: ScriptedServer, follow: Follow, call: Callable[[Follower], None], while_live: bool
) -> None:
    requested, go_on = threading.Event(), threading.Event()
    times: list[float] = []

    def note(exchange: Exchange) -> None:
        times.append(time.monotonic())

    def list_jobs(exchange: Exchange) -> None:
        requested.set()
        assert while_live or go_on.wait(TIMEOUT)
        RUNNING_A(exchange)

    server.on(LIST, list_jobs)

    def back(exchange: Exchange) -> None:
        note(exchange)
        stream(BEAT, HOLD)(exchange)

    server.on(STREAM, stream(BEAT, go_on, note), back)
    rig = follow(reconnect_interval=0.3)
    assert requested.wait(TIMEOUT)
    if while_live:
        rig.until_live()
    call(rig.follower)
    go_on.set()
    rig.until(lambda seen: seen.counters.reconnects == 1)
    assert times[1] - times[0] >= 0.3
