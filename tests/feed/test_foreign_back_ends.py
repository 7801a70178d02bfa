"""The follower of back ends of another make: odd jobs, odd clocks, many unknown ids, many jobs."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.feed.follower import Follower
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import JobStatus
from tests.support.scripted_server import HOLD, Exchange, ScriptedServer, Step, raw, reply, stream

LIST, STREAM = "/etl/jobs", "/etl/jobs/stream"
BEAT = b":\n\n"


class Rig:
    """A follower of a server, with its store."""

    def __init__(self, server: ScriptedServer, **limits: int) -> None:
        self.store = JobStore(**limits)
        self.client = EtlClient(server.address, timeout=(2, 2))
        self.follower = Follower(self.client, self.store, reconnect_interval=0.02)
        self.follower.connect()

    def until(self, predicate: Callable[[Snapshot], bool]) -> Snapshot:
        assert self.follower.wait_until(predicate, 10), self.store.snapshot()
        return self.store.snapshot()

    def until_live(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.is_live)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on(STREAM, stream(BEAT, HOLD))
        yield server


@pytest.fixture
def follow(server: ScriptedServer) -> Iterator[Callable[..., Rig]]:
    rigs: list[Rig] = []

    def start(**limits: int) -> Rig:
        rigs.append(Rig(server, **limits))
        return rigs[-1]

    yield start
    for rig in rigs:
        assert rig.follower.stop()
        rig.client.close()


Follow = Callable[..., Rig]


def event(name: str, **data: Any) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def test_one_job_of_an_odd_state_hides_no_other(server: ScriptedServer, follow: Follow) -> None:
    jobs = [{"jobId": f"j{n}", "status": s} for n, s in enumerate(("running", "held", "failed"))]
    server.on(LIST, reply([*jobs, {"status": "running"}, None]))
    seen = follow().until_live()
    assert {job.job_id: job.status for job in seen.jobs.values()} == {
        "j0": JobStatus.RUNNING,
        "j1": JobStatus.UNKNOWN,
        "j2": JobStatus.FAILED,
    }
    assert seen.jobs["j1"].sent_status == "held"


def test_odd_events_do_not_end_the_feed(server: ScriptedServer, follow: Follow) -> None:
    server.on(LIST, reply([{"jobId": 1, "status": "QUEUED"}]))
    odd = [
        b"data: connected\n\n",
        event("", type="hello"),
        event("job_progress", jobId=1, status="Paused", progress="20%", rowsDone=None),
        event("", type="job_progress", data={"job": {"jobId": "1", "status": "RUNNING"}}),
        event("job_progress", jobId=1, progress="45.5%", startedAt="2026-11-27 10:00:00"),
    ]
    server.on(STREAM, stream(*odd, HOLD))
    seen = follow().until(lambda seen: "1" in seen.jobs and seen.jobs["1"].progress == 45)
    assert seen.jobs["1"].status is JobStatus.RUNNING
    assert seen.jobs["1"].started_at == datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert (seen.counters.malformed, seen.counters.unknown, seen.counters.resyncs) == (0, 2, 0)
    assert len(server.seen(STREAM)) == 1


# Clocks


def test_times_that_lie_ahead_show_the_services_clock(
    server: ScriptedServer, follow: Follow
) -> None:
    """As of a back end that sends the time of Seoul without its zone."""
    at = iso(datetime.now(UTC) + timedelta(hours=9)).removesuffix("Z")
    server.on(LIST, reply([{"jobId": "a", "status": "running", "updatedAt": at}]))
    offset = follow().until_live().connection.clock_offset
    assert timedelta(hours=8, minutes=50) < offset <= timedelta(hours=9)


def test_live_events_that_agree_show_a_clock_that_is_behind(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, reply([{"jobId": "a", "status": "running"}]))
    behind = datetime.now(UTC) - timedelta(hours=5)
    times = [iso(behind + timedelta(milliseconds=n)) for n in range(5)]
    events = [event("job_progress", jobId="a", progress=n, updatedAt=times[n]) for n in range(5)]
    server.on(STREAM, stream(*events, HOLD))
    seen = follow().until(lambda seen: seen.connection.clock_offset != timedelta())
    assert -timedelta(hours=5, minutes=2) < seen.connection.clock_offset < -timedelta(hours=4)


def test_old_jobs_do_not_make_a_clock_wrong(server: ScriptedServer, follow: Follow) -> None:
    old = {"jobId": "a", "status": "running", "updatedAt": "2026-01-01T00:00:00Z"}
    server.on(LIST, reply([old]))
    again = [event("job_progress", progress=n, **old) for n in range(9)]
    server.on(STREAM, stream(*again, HOLD))
    seen = follow().until(lambda seen: "a" in seen.jobs and seen.jobs["a"].progress == 8)
    assert seen.connection.clock_offset == timedelta()


# Unknown ids


def test_many_unknown_ids_are_fetched_by_one_list(server: ScriptedServer, follow: Follow) -> None:
    ids = [f"j{n}" for n in range(500)]
    whole = [{"jobId": id_, "status": "running", "progress": 9, "title": id_} for id_ in ids]
    server.on(LIST, reply([]), reply([]), reply(whole))
    updates = b"".join(event("job_progress", jobId=id_, progress=5) for id_ in ids)
    server.on(STREAM, stream(updates, HOLD))
    seen = follow().until(lambda seen: len(seen.jobs) == 500 and not seen.incomplete)
    assert {job.title for job in seen.jobs.values()} == set(ids)
    single = [request for request in everything(server) if request.startswith("/etl/jobs/j")]
    assert len(single) <= 3, "those of a first, small chunk"


def everything(server: ScriptedServer) -> list[str]:
    return [server.requests.get_nowait().path for _ in range(server.requests.qsize())]


def test_an_odd_answer_about_one_job_does_not_end_the_feed(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, reply([{"jobId": "a", "status": "running"}]))
    server.on("/etl/jobs/b", reply(["?"]))
    updates = [event("job_progress", jobId=id_, progress=5) for id_ in ("b", "a")]
    server.on(STREAM, stream(*updates, HOLD))
    seen = follow().until(lambda seen: "a" in seen.jobs and seen.jobs["a"].progress == 5)
    assert seen.jobs["b"].progress == 5
    assert seen.connection.is_live


# Limits


def running(count: int) -> Step:
    def answer(exchange: Exchange) -> None:
        jobs = ",".join(f'{{"jobId":"{n}","status":"running"}}' for n in range(count, 0, -1))
        raw(f'{{"success": true, "data": [{jobs}]}}'.encode())(exchange)

    return answer


def test_the_newest_of_very_many_active_jobs_are_stored_and_all_are_counted(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, running(3_000))
    more = [event("job_started", jobId=str(n), status="running") for n in range(3_001, 3_101)]
    ends = [event("job_completed", jobId="7"), event("job_completed", jobId="3100")]
    server.on(STREAM, stream(b"".join([*more, *ends]), HOLD))
    seen = follow(active_limit=100).until(lambda seen: len(seen.finished) == 1)
    assert {int(job.job_id) for job in seen.running} == set(range(3_001, 3_100))
    assert seen.active_left_out == 2_999
    single = [path for path in everything(server) if path not in (LIST, STREAM)]
    assert single == [], "nothing is requested about jobs that are left out"


def test_a_feed_that_is_a_bomb_is_named(server: ScriptedServer, follow: Follow) -> None:
    server.on(LIST, reply([]))
    bomb = gzip.compress((b":" + b" " * 998 + b"\n") * 16_000)
    server.on(STREAM, raw(bomb, content_type="text/event-stream", content_encoding="gzip"))
    rig = follow()
    reasons: list[str | None] = []
    rig.store.subscribe(lambda: reasons.append(rig.store.connection.reason))
    rig.until(lambda _: "compressed" in reasons)


def test_a_list_that_is_a_bomb_is_named(server: ScriptedServer, follow: Follow) -> None:
    bomb = gzip.compress(b" " * 70_000_000, 1)
    server.on(LIST, raw(bomb, content_encoding="gzip", content_type="application/json"))
    follow().until(lambda seen: seen.connection.reason == "reply_too_large")
