"""The follower against real servers on loopback: what it applies, counts and shows."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.wire.job import JobStatus
from tests.feed.rig import BEAT, JOB, LIST, STREAM, Follow, Rig, progress, wait_for
from tests.support.back_end import BackEnd
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import (
    HOLD,
    RESET,
    Exchange,
    ScriptedServer,
    Step,
    chunked,
    reply,
    status,
    stream,
)


def test_loads_the_list_and_then_the_stream_from_its_position(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, stream(BEAT, progress(6, 20), HOLD))
    rig = follow()
    seen = rig.until_progress(20)
    assert seen.position == "6"
    assert seen.loaded
    (request,) = server.seen(STREAM)
    assert request.headers["last-event-id"] == "5"
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["cache-control"] == "no-cache"
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["authorization"] == "Bearer s3cret"
    assert rig.history[0].connection.state is ConnectionState.CONNECTING


def test_any_byte_shows_that_the_connection_is_alive(
    server: ScriptedServer, follow: Follow
) -> None:
    go_on = threading.Event()
    server.on(STREAM, stream(go_on, b":\n", HOLD))
    rig = follow()
    assert rig.until_live().connection.last_received_at is None
    before = rig.store.snapshot().version
    go_on.set()
    wait_for(lambda: rig.store.snapshot().connection.last_received_at is not None)
    seen = rig.store.snapshot()
    assert seen.connection.last_event_at is None
    assert seen.version == before


@pytest.mark.parametrize("pieces", [1, 3, 1000])
def test_chunks_of_any_size(server: ScriptedServer, follow: Follow, pieces: int) -> None:
    events = b"".join(progress(6 + n, 11 + n, "a") for n in range(20)) + BEAT
    server.on(STREAM, chunked(*(events[n : n + pieces] for n in range(0, len(events), pieces))))
    assert follow().until_progress(30).counters.events == 20


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (stream(progress(6, 20)), "ended"),
        (stream(progress(6, 20), progress(7, 30)[:-20]), "ended"),
        (stream(progress(6, 20), RESET), "reset"),
        (stream(progress(6, 20), 'data: {"jobId": "한'.encode()[:-1], RESET), "reset"),
    ],
)
def test_resumes_after_its_last_position(
    server: ScriptedServer, follow: Follow, broken: Step, reason: str
) -> None:
    server.on(STREAM, broken, stream(BEAT, progress(7, 30), HOLD))
    rig = follow()
    rig.until_reason(reason)
    rig.until_progress(30)
    seen = rig.until_live()
    first, second = server.seen(STREAM)
    assert (first.headers["last-event-id"], second.headers["last-event-id"]) == ("5", "6")
    assert len(server.seen(LIST)) == 1
    assert (seen.counters.events, seen.counters.reconnects) == (2, 1)
    assert seen.connection.reason is None


def test_heartbeats_keep_a_quiet_connection_alive(server: ScriptedServer, follow: Follow) -> None:
    beats = [
        part for _ in range(8) for part in (b":\n", lambda exchange: exchange.closing.wait(0.1))
    ]
    server.on(STREAM, stream(*beats, progress(6, 20), HOLD))
    seen = follow(silence=0.5).until_progress(20)
    assert seen.counters.reconnects == 0


def test_the_token_is_never_shown(server: ScriptedServer, follow: Follow, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    server.on(STREAM, status(503), stream(progress(6, 20), RESET), status(401))
    rig = follow()
    rig.until_reason("unauthorised")
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr([seen.connection for seen in rig.history])
    assert "s3cret" not in repr(rig.client)


def test_events_breaks_and_reconnects_are_counted_by_name(
    server: ScriptedServer, follow: Follow
) -> None:
    first = stream(progress(6, 20), b"id: 7\nevent: job_paused\ndata: ?\n\n", RESET)
    server.on(STREAM, first, status(503), stream(progress(8, 30), HOLD))
    rig = follow()
    rig.until_progress(30)
    metrics = rig.follower.metrics
    assert values_by_label(metrics.events) == {("job_progress",): 2, ("unknown",): 1}
    assert values_by_label(metrics.breaks) == {("reset",): 1, ("http_503",): 1}
    assert values_by_label(metrics.reconnects) == {("http_503",): 1}


def test_lag_is_measured_by_the_services_clock(server: ScriptedServer, follow: Follow) -> None:
    at = "2026-03-01T00:00:00Z"
    event = (
        f'id: 6\nevent: job_progress\ndata: {{"jobId": "a", "progress": 20, "updatedAt": "{at}"}}'
    )
    server.on(STREAM, stream(event.encode() + b"\n\n", HOLD))
    rig = follow(clock=lambda: datetime(2026, 3, 1, 0, 0, 2, tzinfo=UTC))
    rig.until_progress(20)
    assert rig.follower.lag == 2.0


def test_a_date_of_the_service_that_cannot_be_read_is_ignored(
    server: ScriptedServer, follow: Follow
) -> None:
    def of_another_calendar(exchange: Exchange) -> None:
        head = ("HTTP/1.1 200 OK", "Content-Type: text/event-stream", "Date: the day before")
        exchange.write("\r\n".join((*head, "", "")).encode() + BEAT)
        exchange.hold()

    server.on(STREAM, of_another_calendar)
    assert follow().until_live().connection.clock_offset == timedelta()


def test_a_time_beyond_the_calendar_is_dropped(server: ScriptedServer, follow: Follow) -> None:
    """Neither in a list nor in an event does it cause an error: that field is empty."""
    never = "9999-12-31T23:59:59-05:00"
    server.on(LIST, reply([{**JOB, "createdAt": never}], x_last_event_id="5"))
    event = f'id: 6\nevent: job_failed\ndata: {{"jobId": "a", "failedAt": "{never}"}}\n\n'
    server.on(STREAM, stream(event.encode(), HOLD))
    seen = follow().until(lambda seen: seen.position == "6")
    assert seen.connection.is_live
    assert seen.jobs["a"].status is JobStatus.FAILED
    assert (seen.jobs["a"].created_at, seen.jobs["a"].finished_at) == (None, None)
    assert (seen.counters.malformed, seen.counters.resyncs) == (0, 0)


def test_unknown_events_are_counted_and_skipped(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(b"id: 6\nevent: job_paused\ndata: ?\n\n", progress(7, 20), HOLD))
    seen = follow().until_progress(20)
    assert (seen.counters.unknown, seen.counters.malformed) == (1, 0)


def test_repeated_events_are_counted_and_skipped(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(progress(6, 20), progress(6, 20), progress(7, 30), HOLD))
    assert follow().until_progress(30).counters.duplicates == 1


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "original"])
def test_follows_a_whole_back_end(server: ScriptedServer, follow: Follow, numbered: bool) -> None:
    back_end = BackEnd(server, numbered)
    rig = follow()
    rig.until_live()
    for choice in range(40):
        back_end.step("abcd"[choice % 4], choice)
    assert_equal_in_the_end(rig, back_end)
    assert rig.store.snapshot().counters.reconnects == 0


@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "original"])
def test_events_while_disconnected_are_seen_after_reconnecting(
    server: ScriptedServer, follow: Follow, numbered: bool
) -> None:
    back_end = BackEnd(server, numbered)
    rig = follow()
    for choice in range(30):
        rig.until_live()
        back_end.step("abc"[choice % 3], choice)
        if choice % 10 == 0:
            rig.follower.disconnect()
            back_end.step("abc"[choice % 3], choice + 1)
            rig.follower.connect()
    assert_equal_in_the_end(rig, back_end)


def test_a_pruned_log_is_replaced_by_the_list(server: ScriptedServer, follow: Follow) -> None:
    back_end = BackEnd(server, numbered=True)
    rig = follow()
    rig.until_live()
    rig.follower.disconnect()
    for choice in range(20):
        back_end.step("ab"[choice % 2], choice)
    back_end.prune()
    rig.follower.connect()
    rig.until(lambda seen: seen.position == back_end.service.position)
    assert_equal_in_the_end(rig, back_end)
    assert rig.store.snapshot().counters.resyncs == 1


def assert_equal_in_the_end(rig: Rig, back_end: BackEnd) -> None:
    fields = {"job_id", "status", "progress", "error_message"}
    if back_end.numbered:
        fields |= {"test_id", "rows_done", "finished_at", "cancel_reason", "attempt"}

    def fields_of(jobs: Any) -> dict[str, Any]:
        return {job_id: job.model_dump(include=fields) for job_id, job in jobs.items()}

    rig.until(
        lambda seen: seen.connection.is_live and fields_of(seen.jobs) == fields_of(back_end.jobs)
    )
