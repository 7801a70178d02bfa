"""Every known way in which a line breaks, or what answers is no feed."""

import socket
import threading

import pytest

from etl_monitor.feed.reconnect_delay import ReconnectDelay
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.job_store import JobStore
from tests.feed.rig import BEAT, JOB, LIST, RUNNING_A, STREAM, Follow, progress
from tests.support.scripted_server import (
    HOLD,
    RESET,
    ScriptedServer,
    Step,
    closed_port,
    raw,
    rejection,
    reply,
    status,
    stream,
)


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
