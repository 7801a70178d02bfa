"""Connecting, stopping and waiting, from other threads."""

import gc
import socket
import threading

import psutil
import pytest

from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.wire.job import Job, JobStatus
from tests.feed.rig import BEAT, STREAM, TIMEOUT, Follow, Rig, progress, wait_for
from tests.support.scripted_server import (
    HOLD,
    RESET,
    Exchange,
    ScriptedServer,
    Step,
    chunked,
    status,
    stream,
)


def test_waiting_for_what_does_not_come_ends(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    rig = follow()
    rig.until_live()
    assert not rig.follower.wait_until(lambda seen: "z" in seen.jobs, 0.05)


def test_disconnect_ends_a_read_at_once_and_connect_resumes(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    rig = follow()
    rig.until_live()
    rig.follower.disconnect()
    seen = rig.store.snapshot()
    assert (seen.connection.state, seen.connection.reason) == (
        ConnectionState.DISCONNECTED,
        "stopped",
    )
    rig.follower.retry_now()
    assert not rig.store.snapshot().connection.is_live
    rig.follower.connect()
    rig.until_live()


@pytest.mark.parametrize(
    "script",
    [stream(BEAT, HOLD), lambda exchange: exchange.hold(), chunked(BEAT), status(500)],
    ids=["reading", "waiting for an answer", "between chunks", "between attempts"],
)
def test_stop_ends_the_thread_within_a_second(server: ScriptedServer, script: Step) -> None:
    requested = threading.Event()

    def step(exchange: Exchange) -> None:
        requested.set()
        script(exchange)

    server.on(STREAM, step)
    rig = Rig(server.address, reconnect_interval=30)
    rig.follower.connect()
    assert requested.wait(TIMEOUT)
    rig.until(lambda seen: seen.loaded)
    assert rig.follower.stop()
    assert rig.store.snapshot().connection.state is ConnectionState.DISCONNECTED
    rig.close()


def test_stop_does_not_wait_for_connecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The listener's queue is full, so that connecting never completes."""
    monkeypatch.setattr("etl_monitor.feed.follower._STOP_TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(8)]
        for client in waiting:
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        rig = Rig(f"http://127.0.0.1:{full.getsockname()[1]}", connects_within=0.3)
        rig.follower.connect()
        rig.follower.stop()
        assert rig.store.snapshot().connection.state is ConnectionState.DISCONNECTED
        wait_for(lambda: threads() == 0)
        rig.close()
        for client in waiting:
            client.close()


def test_a_stopped_follower_can_be_connected_again(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    rig = follow()
    rig.until_live()
    for _ in range(5):
        assert rig.follower.stop()
        rig.follower.connect()
        rig.until_live()
    assert threads() == 1


def threads() -> int:
    return sum(thread.name == "etl-feed" for thread in threading.enumerate())


def test_two_hundred_connections_leave_nothing_behind(
    server: ScriptedServer, follow: Follow
) -> None:
    broken = [stream(progress(6 + n, 20), RESET if n % 2 else BEAT) for n in range(200)]
    server.on(STREAM, stream(progress(6, 20), HOLD))
    rig = follow(reconnect_interval=0.001)
    rig.until_progress(20)
    before = open_now()
    rig.follower.disconnect()
    server.on(STREAM, *broken, stream(progress(206, 90), HOLD))
    rig.store.replace([Job(job_id="a", status=JobStatus.RUNNING)], "5")
    rig.follower.connect()
    rig.until_progress(90)
    assert rig.store.snapshot().counters.reconnects == 200
    gc.collect()
    wait_for(lambda: open_now() <= before)


def open_now() -> tuple[int, int]:
    """Return the number of sockets and threads of this process, including the server's."""
    return len(psutil.Process().net_connections()), threading.active_count()
