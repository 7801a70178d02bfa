"""When the follower loads the list again, and the jobs that neither list nor feed has whole."""

import pytest

from etl_monitor.wire.job import JobStatus
from tests.feed.rig import BEAT, JOB, LIST, RUNNING_A, STREAM, Follow, progress
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import (
    EVENT_STREAM,
    HOLD,
    RESET,
    Exchange,
    ScriptedServer,
    Step,
    raw,
    reply,
    status,
    stream,
)


@pytest.mark.parametrize(
    ("bad", "counter"),
    [
        (progress(9, 20), "gaps"),
        (b"id: 6\nevent: job_progress\ndata: {\n\n", "malformed"),
        (b"event: feed_reset\ndata: {}\n\n", "resyncs"),
    ],
)
def test_loads_the_list_again_at_once(
    server: ScriptedServer, follow: Follow, bad: bytes, counter: str
) -> None:
    newer = reply([{**JOB, "progress": 60}], x_last_event_id="20")
    server.on(LIST, RUNNING_A, newer)
    server.on(STREAM, stream(bad, HOLD), stream(BEAT, progress(21, 70), HOLD))
    rig = follow(reconnect_interval=30)
    seen = rig.until_progress(70)
    assert getattr(seen.counters, counter) == 1
    assert (seen.counters.resyncs, seen.counters.reconnects) == (1, 0)
    assert server.seen(STREAM)[1].headers["last-event-id"] == "20"


def log(name: str) -> dict[str, str]:
    return {"Content-Type": "text/event-stream", "X-Event-Log-Id": name}


def test_another_log_is_noticed_although_its_positions_continue(
    server: ScriptedServer, follow: Follow
) -> None:
    """A new database has already passed our position, which means nothing there."""
    ours, theirs = [JOB], [{"jobId": "z", "status": "running", "progress": 1}]
    server.on(
        LIST,
        reply(ours, x_last_event_id="5", x_event_log_id="old"),
        reply(theirs, x_last_event_id="900", x_event_log_id="new"),
    )
    server.on(
        STREAM,
        stream(progress(6, 20), headers=log("old")),
        stream(progress(7, 99), HOLD, headers=log("new")),
        stream(progress(901, 50, "z"), HOLD, headers=log("new")),
    )
    rig = follow(reconnect_interval=0.05)
    seen = rig.until_progress(50, "z")
    assert set(seen.jobs) == {"z"}
    assert 99 not in {job.progress for s in rig.history for job in s.jobs.values()}
    assert seen.counters.resyncs == 1
    assert "other_log" in [name for (name,) in values_by_label(rig.follower.metrics.breaks)]


def test_two_logs_behind_one_address_cause_no_storm_of_lists(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, reply([JOB], x_last_event_id="5", x_event_log_id="one"))
    server.on(STREAM, stream(HOLD, headers=log("two")))
    rig = follow(max_reconnect_attempts=2, reconnect_interval=0.3)
    assert rig.until_given_up().connection.reason == "other_log"
    assert len(server.seen(LIST)) <= 6, "two for each attempt"


def test_a_stream_of_resets_causes_no_storm_of_lists(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, stream(b"event: feed_reset\ndata: {}\n\n"))
    rig = follow(max_reconnect_attempts=2, reconnect_interval=0.3)
    assert rig.until_given_up().connection.reason == "feed_reset"
    assert len(server.seen(LIST)) <= 6, "two for each attempt"


def test_an_event_that_is_too_large_is_replaced_by_a_list(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, RUNNING_A, reply([{**JOB, "progress": 60}], x_last_event_id="6"))
    server.on(STREAM, stream(b"id: 6\ndata: " + b"x" * 9000 + b"\n\n"), stream(BEAT, HOLD))
    rig = follow(max_block=8000)
    assert rig.until_progress(60).position == "6"


def test_an_incomplete_job_is_fetched(server: ScriptedServer, follow: Follow) -> None:
    server.on(
        "/etl/jobs/b", reply({"jobId": "b", "status": "running", "progress": 5, "title": "B"})
    )
    server.on(STREAM, stream(progress(6, 5, "b"), progress(7, 6, "c"), progress(8, 20), HOLD))
    rig = follow()
    rig.until_progress(20)
    seen = rig.until(lambda seen: not seen.incomplete)
    assert seen.jobs["b"].title == "B"
    assert "c" not in seen.jobs
    assert seen.incomplete == frozenset()


def test_an_active_job_that_a_limited_list_omits_is_fetched(
    server: ScriptedServer, follow: Follow
) -> None:
    rest = [{"jobId": "z", "status": "failed"}]
    server.on(LIST, RUNNING_A, reply(rest, x_last_event_id="9", x_total_count="800"))
    server.on("/etl/jobs/a", reply({**JOB, "status": "completed", "progress": 100}))
    server.on(STREAM, stream(b"event: feed_reset\ndata:\n\n"), stream(BEAT, HOLD))
    rig = follow()
    rig.until(lambda seen: "z" in seen.jobs and not seen.incomplete)
    assert rig.store.snapshot().jobs["a"].status is JobStatus.COMPLETED


@pytest.mark.parametrize("failing", [status(503), raw(b"<html>"), RESET])
def test_an_omitted_job_is_fetched_until_the_service_replies(
    server: ScriptedServer, follow: Follow, failing: Step
) -> None:
    """The job has ended meanwhile, and no later event says so."""
    rest = [{"jobId": "z", "status": "failed"}]
    server.on(LIST, RUNNING_A, reply(rest, x_last_event_id="9", x_total_count="800"))
    server.on("/etl/jobs/a", failing, failing, reply({**JOB, "status": "completed"}))
    server.on(STREAM, stream(b"event: feed_reset\ndata:\n\n"), stream(BEAT, HOLD))
    rig = follow()
    rig.until(lambda seen: "z" in seen.jobs and not seen.incomplete)
    assert rig.until_live().jobs["a"].status is JobStatus.COMPLETED
    assert len(server.seen(LIST)) == 2, "the position of the second one still holds"
    broke = [n for n, seen in enumerate(rig.history) if seen.connection.reason]
    assert not [
        seen for seen in rig.history[broke[0] :] if seen.connection.is_live and seen.incomplete
    ]


@pytest.mark.parametrize("failing", [status(503), raw(b"<html>"), RESET])
def test_an_incomplete_job_is_fetched_until_the_service_replies(
    server: ScriptedServer, follow: Follow, failing: Step
) -> None:
    whole = reply({"jobId": "b", "status": "completed", "progress": 100, "title": "B"})
    server.on("/etl/jobs/b", failing, failing, whole)
    server.on(STREAM, stream(progress(6, 5, "b"), HOLD), stream(BEAT, HOLD))
    seen = follow().until(lambda seen: "b" in seen.jobs and not seen.incomplete)
    assert (seen.jobs["b"].status, seen.jobs["b"].title) == (JobStatus.COMPLETED, "B")


def test_a_failed_fetch_drops_no_event_that_has_arrived(
    server: ScriptedServer, follow: Follow
) -> None:
    pieces = [progress(6, 5, "b"), progress(7, 6), progress(8, 7)]

    def send_at_once(exchange: Exchange) -> None:
        exchange.begin(200, EVENT_STREAM | {"Transfer-Encoding": "chunked"})
        exchange.write(b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces))
        HOLD(exchange)

    whole = reply({"jobId": "b", "status": "completed", "progress": 100})
    server.on("/etl/jobs/b", status(503), whole)
    server.on(STREAM, send_at_once, stream(BEAT, HOLD))
    rig = follow()
    rig.until(lambda seen: "b" in seen.jobs and not seen.incomplete)
    broke = next(seen for seen in rig.history if seen.connection.reason)
    assert (broke.counters.events, broke.position) == (3, "8")


def _busy(exchange: Exchange) -> None:
    """Send an event of an unknown job, then comments without a pause that would count as idle."""
    exchange.begin(200, EVENT_STREAM)
    exchange.write(progress(6, 5, "b"))
    while not exchange.closing.wait(0.01):
        exchange.write(BEAT)


def test_a_job_is_fetched_again_while_events_arrive(
    server: ScriptedServer, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl_monitor.feed.synchronizer._FETCH_INTERVAL", 0.02)
    whole = reply({"jobId": "b", "status": "completed", "progress": 100})
    server.on("/etl/jobs/b", raw(b"<html>"), raw(b"<html>"), whole)
    server.on(STREAM, _busy)
    rig = follow()
    rig.until(lambda seen: "b" in seen.jobs and not seen.incomplete)
    assert len(server.seen(STREAM)) == 1, "the feed has not broken"


def test_the_feed_breaks_if_a_job_cannot_be_fetched_for_long(
    server: ScriptedServer, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl_monitor.feed.synchronizer._FETCH_INTERVAL", 0.02)
    monkeypatch.setattr("etl_monitor.feed.synchronizer._MAX_FAILING", 0.1)
    server.on("/etl/jobs/b", raw(b"<html>"))
    server.on(STREAM, _busy)
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "web_page"
