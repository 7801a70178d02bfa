"""The follower against real servers on loopback, with every known kind of failure."""

import gc
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import psutil
import pytest

from etl_monitor.client import EtlClient
from etl_monitor.feed.follower import Follower
from etl_monitor.feed.reconnect_delay import ReconnectDelay
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.job_store import JobStore
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job, JobStatus
from tests.support.back_end import BackEnd
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import (
    EVENT_STREAM,
    HOLD,
    RESET,
    Exchange,
    Request,
    ScriptedServer,
    Step,
    chunked,
    closed_port,
    raw,
    rejection,
    reply,
    status,
    stream,
)

LIST, STREAM = "/etl/jobs", "/etl/jobs/stream"
TIMEOUT = 60.0  # seconds, on a busy machine

JOB = {"jobId": "a", "status": "running", "progress": 10}
RUNNING_A = reply([JOB], x_last_event_id="5", x_total_count="1")
BEAT = b": still here\n\n"


def progress(position: int, percent: int, job_id: str = "a") -> bytes:
    data = f'{{"jobId": "{job_id}", "progress": {percent}}}'
    return f"id: {position}\nevent: job_progress\ndata: {data}\n\n".encode()


class Rig:
    """A follower of a server, with its store. Delays are short and without jitter."""

    def __init__(self, address: str, **settings: Any) -> None:
        settings = {"reconnect_interval": 0.02, "silence": TIMEOUT, **settings}
        self.store = JobStore()
        timeout = (settings.pop("connects_within", 2), 2)
        self.client = EtlClient(address, "s3cret", timeout=timeout)
        self.follower = Follower(self.client, self.store, random=lambda: 0.5, **settings)
        self.history: list[Snapshot] = []
        self.store.subscribe(lambda: self.history.append(self.store.snapshot()))

    def until(self, predicate: Callable[[Snapshot], bool]) -> Snapshot:
        assert self.follower.wait_until(predicate, TIMEOUT), self.store.snapshot()
        return self.store.snapshot()

    def until_live(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.is_live)

    def until_given_up(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.state is ConnectionState.DISCONNECTED)

    def until_progress(self, percent: int, job_id: str = "a") -> Snapshot:
        return self.until(
            lambda seen: job_id in seen.jobs and seen.jobs[job_id].progress == percent
        )

    def until_reason(self, reason: str) -> Snapshot:
        return self.until(lambda _: reason in [s.connection.reason for s in self.history])

    def close(self) -> None:
        assert self.follower.stop()
        self.client.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on(LIST, RUNNING_A)
        yield server


@pytest.fixture
def follow(server: ScriptedServer) -> Iterator[Callable[..., Rig]]:
    """Return a function that follows the server, or another address, until the test ends."""
    rigs: list[Rig] = []

    def start(address: str | None = None, **settings: Any) -> Rig:
        rigs.append(Rig(address or server.address, **settings))
        rigs[-1].follower.connect()
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.close()


Follow = Callable[..., Rig]


# The normal case


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


def wait_for(predicate: Callable[[], bool]) -> None:
    """Poll: for changes that the store does not notify of."""
    waiting = threading.Event()
    for _ in range(int(TIMEOUT / 0.01)):
        if predicate():
            return
        waiting.wait(0.01)
    pytest.fail("it did not happen")


@pytest.mark.parametrize("pieces", [1, 3, 1000])
def test_chunks_of_any_size(server: ScriptedServer, follow: Follow, pieces: int) -> None:
    events = b"".join(progress(6 + n, 11 + n, "a") for n in range(20)) + BEAT
    server.on(STREAM, chunked(*(events[n : n + pieces] for n in range(0, len(events), pieces))))
    assert follow().until_progress(30).counters.events == 20


# Breaks and reconnects


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


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (status(500), "http_500"),
        (status(502), "http_502"),
        (status(429), "http_429"),
        (status(408), "http_408"),
        (status(503, retry_after="0"), "http_503"),
        (status(206), "http_206"),
        (raw(b"<html>", content_type="text/html"), "wrong_content_type"),
        (raw(b""), "wrong_content_type"),
        (RESET, "reset"),
    ],
)
def test_retries_after_a_temporary_failure(
    server: ScriptedServer, follow: Follow, refused: Step, reason: str
) -> None:
    server.on(STREAM, refused, stream(BEAT, progress(6, 30), HOLD))
    rig = follow()
    rig.until_reason(reason)
    assert rig.until_progress(30).loaded, "the list is loaded nevertheless"
    assert len(server.seen(LIST)) == 1


def test_a_wrong_content_type_is_named(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, raw(b"<html>", content_type="text/html"))
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert "text/html" in (seen.connection.message or "")


def test_a_sign_in_page_before_the_feed_is_named(server: ScriptedServer, follow: Follow) -> None:
    form = b'<html><form><input type="password"></form></html>'
    server.on(STREAM, raw(form, content_type="text/html"))
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "sign_in_page"
    assert "a sign-in page answers" in (seen.connection.message or "")


def test_an_unfinished_event_is_requested_again(server: ScriptedServer, follow: Follow) -> None:
    cut = progress(7, 30)
    server.on(STREAM, stream(progress(6, 20), cut[:-1], RESET), stream(progress(7, 30), HOLD))
    seen = follow().until_progress(30)
    assert seen.counters.events == 2
    assert server.seen(STREAM)[1].headers["last-event-id"] == "6"


def test_a_refused_connection(server: ScriptedServer, follow: Follow) -> None:
    seen = follow(f"http://127.0.0.1:{closed_port()}", max_reconnect_attempts=2).until_given_up()
    assert seen.connection.reason == "refused"
    assert seen.connection.attempt == seen.connection.max_attempts == 2
    assert "nothing listens" in (seen.connection.message or "")


def test_an_unknown_host_name(follow: Follow) -> None:
    seen = follow("http://nobody.invalid:8000", max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason in ("dns", "http_404")  # some networks answer every name


def test_a_missing_response(follow: Follow) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        rig = follow(f"http://127.0.0.1:{deaf.getsockname()[1]}", max_reconnect_attempts=0)
        assert rig.until_given_up().connection.reason == "timeout"


def test_garbage_instead_of_http(follow: Follow) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_garbage, args=(listener,), daemon=True).start()
        rig = follow(f"http://127.0.0.1:{listener.getsockname()[1]}", max_reconnect_attempts=0)
        assert rig.until_given_up().connection.reason == "reset"


def answer_garbage(listener: socket.socket) -> None:
    for _ in range(2):  # reading calls are repeated once
        connection, _address = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"\x00\xffwhat?\r\n\r\n")


def test_http_instead_of_https(server: ScriptedServer, follow: Follow) -> None:
    rig = follow(server.address.replace("http:", "https:"), max_reconnect_attempts=0)
    assert rig.until_given_up().connection.reason == "tls"


# Silence


def test_silence_counts_as_a_break(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(progress(6, 20), HOLD), stream(BEAT, progress(7, 30), HOLD))
    rig = follow(silence=0.2)
    rig.until_reason("silence")
    rig.until_progress(30)


def test_a_buffering_proxy_is_named(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(HOLD))
    seen = follow(silence=0.1, max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "buffered"
    assert "proxy" in (seen.connection.message or "")


def test_with_a_buffering_proxy_it_is_not_live_and_lists_bring_updates(
    server: ScriptedServer, follow: Follow
) -> None:
    lists = [reply([{**JOB, "progress": n}], x_last_event_id=str(n)) for n in (10, 20, 30)]
    server.on(LIST, *lists)
    server.on(STREAM, stream(HOLD), stream(HOLD), stream(BEAT, progress(31, 40), HOLD))
    rig = follow(silence=0.3)
    seen = rig.until_progress(40)
    assert (seen.counters.resyncs, seen.counters.reconnects) == (2, 1)
    states = [(s.connection.state, s.jobs["a"].progress) for s in rig.history if s.jobs]
    live = {progress for state, progress in states if state is ConnectionState.LIVE}
    assert live == {10, 30, 40}, "while buffered, 20 was shown, but not as live"


def test_a_response_that_a_proxy_buffers_as_a_whole(
    server: ScriptedServer, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl_monitor.feed.connection.RESPONSE_TIMEOUT", 0.1)
    server.on(STREAM, HOLD)
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "timeout"
    assert "proxy" in (seen.connection.message or "")


def test_heartbeats_keep_a_quiet_connection_alive(server: ScriptedServer, follow: Follow) -> None:
    beats = [
        part for _ in range(8) for part in (b":\n", lambda exchange: exchange.closing.wait(0.1))
    ]
    server.on(STREAM, stream(*beats, progress(6, 20), HOLD))
    seen = follow(silence=0.5).until_progress(20)
    assert seen.counters.reconnects == 0


# Final failures


@pytest.mark.parametrize(
    ("code", "reason"),
    [(204, "no_content"), (401, "unauthorised"), (403, "forbidden"), (404, "http_404")],
)
def test_final_statuses_end_the_attempts(
    server: ScriptedServer, follow: Follow, code: int, reason: str
) -> None:
    server.on(STREAM, status(code))
    rig = follow()
    seen = rig.until_given_up()
    assert seen.connection.reason == reason
    assert len(server.seen(STREAM)) == 1
    rig.follower.retry_now()
    server.on(STREAM, stream(BEAT, HOLD))
    assert rig.store.snapshot().connection.state is ConnectionState.DISCONNECTED
    rig.follower.connect()
    rig.until_live()


@pytest.mark.parametrize(("code", "reason"), [(401, "unauthorised"), (403, "forbidden")])
def test_a_refused_list_ends_the_attempts(
    server: ScriptedServer, follow: Follow, code: int, reason: str
) -> None:
    server.on(LIST, rejection(code, "no_entry", "No access."))
    seen = follow().until_given_up()
    assert (seen.connection.reason, seen.connection.message) == (reason, "No access.")
    assert not seen.loaded


def test_a_list_that_is_not_of_a_service(server: ScriptedServer, follow: Follow) -> None:
    server.on(LIST, raw(b"<html>Welcome</html>"), RUNNING_A)
    server.on(STREAM, stream(BEAT, HOLD))
    rig = follow()
    rig.until_reason("web_page")
    assert rig.until_live().loaded


def test_the_token_is_never_shown(server: ScriptedServer, follow: Follow, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    server.on(STREAM, status(503), stream(progress(6, 20), RESET), status(401))
    rig = follow()
    rig.until_reason("unauthorised")
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr([seen.connection for seen in rig.history])
    assert "s3cret" not in repr(rig.client)


# Attempts


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


# Redirects


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_follows_redirects_with_the_token_to_the_same_origin(
    server: ScriptedServer, follow: Follow, code: int
) -> None:
    server.on(STREAM, status(code, location="/moved?x=1"))
    server.on("/moved", stream(BEAT, progress(6, 20), HOLD))
    follow().until_progress(20)
    assert bearer(server.seen("/moved")[0]) == "Bearer s3cret"
    assert server.seen("/moved")[0].headers["last-event-id"] == "5"


@pytest.mark.parametrize("where", [LIST, STREAM])
def test_the_token_does_not_go_to_another_origin(
    server: ScriptedServer, follow: Follow, where: str
) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    with ScriptedServer() as other:
        server.on(where, status(307, location=f"{other.address}/there"))
        other.on("/there", RUNNING_A if where == LIST else stream(BEAT, HOLD))
        rig = follow()
        rig.until_live()
        assert bearer(other.seen("/there")[0]) is None
        rig.follower.stop()


def bearer(request: Request) -> str | None:
    return request.headers.get("authorization")


def test_endless_redirects_are_named(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, status(302, location=STREAM))
    seen = follow(max_reconnect_attempts=0).until_given_up()
    assert seen.connection.reason == "redirect"


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", "http_302"),
        ("http://host:99999/", "http_302"),
        ("http://[", "network"),
    ],
)
def test_an_invalid_redirect_counts_as_a_break(
    server: ScriptedServer, follow: Follow, target: str, reason: str
) -> None:
    server.on(STREAM, status(302, location=target))
    assert follow(max_reconnect_attempts=0).until_given_up().connection.reason == reason


# When the stream alone is not enough


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


def test_a_stream_of_resets_causes_no_storm_of_lists(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(STREAM, stream(b"event: feed_reset\ndata: {}\n\n"))
    rig = follow(max_reconnect_attempts=2, reconnect_interval=0.3)
    assert rig.until_given_up().connection.reason == "feed_reset"
    assert len(server.seen(LIST)) <= 6, "two for each attempt"


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


def test_an_event_that_is_too_large_is_replaced_by_a_list(
    server: ScriptedServer, follow: Follow
) -> None:
    server.on(LIST, RUNNING_A, reply([{**JOB, "progress": 60}], x_last_event_id="6"))
    server.on(STREAM, stream(b"id: 6\ndata: " + b"x" * 9000 + b"\n\n"), stream(BEAT, HOLD))
    rig = follow(max_block=8000)
    assert rig.until_progress(60).position == "6"


def test_unknown_events_are_counted_and_skipped(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(b"id: 6\nevent: job_paused\ndata: ?\n\n", progress(7, 20), HOLD))
    seen = follow().until_progress(20)
    assert (seen.counters.unknown, seen.counters.malformed) == (1, 0)


def test_repeated_events_are_counted_and_skipped(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(progress(6, 20), progress(6, 20), progress(7, 30), HOLD))
    assert follow().until_progress(30).counters.duplicates == 1


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


def test_waiting_for_what_does_not_come_ends(server: ScriptedServer, follow: Follow) -> None:
    server.on(STREAM, stream(BEAT, HOLD))
    rig = follow()
    rig.until_live()
    assert not rig.follower.wait_until(lambda seen: "z" in seen.jobs, 0.05)


# connect, disconnect, retry_now, stop


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


def test_a_bug_counts_as_a_break(
    server: ScriptedServer, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        monkeypatch.undo()
        raise RuntimeError("a bug")

    server.on(STREAM, stream(BEAT, HOLD))
    monkeypatch.setattr(JobStore, "replace", fail)
    rig = follow()
    rig.until_reason("internal_error")
    rig.until_live()


def test_a_bug_in_the_handling_of_a_break_does_not_end_the_thread(
    server: ScriptedServer, follow: Follow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> float:
        monkeypatch.undo()
        raise OverflowError("a bug")

    server.on(STREAM, stream(BEAT), stream(BEAT, HOLD))
    monkeypatch.setattr(ReconnectDelay, "delay", fail)
    rig = follow()
    rig.until_reason("internal_error")
    rig.until_live()


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


# Whole back ends


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
