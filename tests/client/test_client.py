"""Calls of the client against a real server on loopback: what they send and return."""

import io
import json
import socket
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from requests_toolbelt.multipart.decoder import MultipartDecoder

from etl_monitor.client import EtlClient
from etl_monitor.errors import Conflict, EtlMonitorError, NotFound, ServiceUnavailable
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import JobStatus
from tests.client.calls import JOB, RESULT, only
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import ScriptedServer, closed_port, raw, rejection, reply, status


def test_every_call_sends_token_and_language(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs/active", reply([JOB]))
    (job,) = client.active_jobs()
    assert job.status is JobStatus.RUNNING
    client.with_language("en").active_jobs()
    first, second = server.seen("/etl/jobs/active")
    assert first.headers["authorization"] == "Bearer s3cret"
    assert [request.headers["accept-language"] for request in (first, second)] == ["ko", "en"]


def test_without_a_token_there_is_no_authorization_header(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.on("/etl/jobs/active", reply([]))
    EtlClient(server.address).active_jobs()
    assert "authorization" not in only(server, "/etl/jobs/active").headers


def test_loopback_is_not_sent_to_a_proxy(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    server.on("/etl/jobs/active", reply([]))
    assert EtlClient(server.address).active_jobs() == ()


def test_jobs(server: ScriptedServer, client: EtlClient) -> None:
    server.on(
        "/etl/jobs",
        reply([JOB], x_total_count="7", x_last_event_id="41", x_next_before="a"),
    )
    listed = client.jobs(status="running", test_id="t", q="ab c", limit=1, before="z")
    assert [job.job_id for job in listed.jobs] == ["a"]
    assert (listed.total, listed.position, listed.complete) == (7, "41", False)
    assert listed.next_before == "a"
    assert only(server, "/etl/jobs").query == {
        "status": "running",
        "testId": "t",
        "q": "ab c",
        "limit": "1",
        "before": "z",
    }


def test_a_call_without_filters_sends_no_parameters(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/etl/jobs", reply([JOB]))
    listed = client.jobs()
    assert (listed.total, listed.position, listed.complete) == (1, "", False)
    assert only(server, "/etl/jobs").query == {}


def test_one_job(server: ScriptedServer, client: EtlClient) -> None:
    log = [{"at": "2026-03-01T10:00:00Z", "level": "info", "message": "x"}]
    server.on("/etl/jobs/a", reply({**JOB, "log": log, "family": [JOB]}))
    job = client.job("a")
    assert job.log[0].message == "x"
    assert job.family[0].job_id == "a"


def test_an_id_cannot_lead_elsewhere(server: ScriptedServer, client: EtlClient) -> None:
    with pytest.raises(NotFound):
        client.job("../activity?x=1#y")
    assert server.requests.get_nowait().path == "/etl/jobs/..%2Factivity%3Fx%3D1%23y"


def test_cancel(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs/a/cancel", reply({"message": "ok"}, code=202))
    client.cancel("a")
    client.cancel("a", "wrong file")
    bodies = [json.loads(request.body) for request in server.seen("/etl/jobs/a/cancel")]
    assert bodies == [{}, {"reason": "wrong file"}]


def test_retry_and_process(server: ScriptedServer, client: EtlClient) -> None:
    started = reply({"jobId": "b", "status": "pending", "message": "ok"}, code=202)
    server.on("/etl/jobs/a/retry", started)
    server.on("/etl/process", started)
    assert client.retry("a").job_id == "b"
    assert client.process("u", 7).status is JobStatus.PENDING
    client.process("u", 7, force=True)
    bodies = [json.loads(request.body) for request in server.seen("/etl/process")]
    assert bodies == [
        {"userId": "u", "anpSeq": 7},
        {"userId": "u", "anpSeq": 7, "forceReprocess": True},
    ]


def test_bulk(server: ScriptedServer, client: EtlClient) -> None:
    error = {"code": "job_not_retryable", "message": "No.", "details": {"jobId": "b"}}
    outcomes = [{"jobId": "a", "ok": True, "newJobId": "c"}, {"jobId": "b", "ok": False}]
    server.on("/etl/jobs/bulk", reply([outcomes[0], {**outcomes[1], "error": error}]))
    first, second = client.bulk("retry", ["a", "b"])
    assert (first.ok, first.new_job_id, first.error) == (True, "c", None)
    assert second.error is not None
    assert (second.error.code, second.error.details) == ("job_not_retryable", {"jobId": "b"})


def test_results(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/tests/results", reply([RESULT], x_total_count="90"))
    listed = client.results(status="processing", q="x", user_id="u", limit=1, offset=3)
    assert listed.total == 90
    assert listed.results[0].active_job is not None
    assert only(server, "/tests/results").query == {
        "status": "processing",
        "q": "x",
        "userId": "u",
        "limit": "1",
        "offset": "3",
    }


def test_default_parameters_are_not_sent(server: ScriptedServer, client: EtlClient) -> None:
    """A back end may refuse parameters that it does not know."""
    server.on("/etl/jobs", reply([JOB]))
    server.on("/tests/results", reply([RESULT]))
    client.jobs(sort="newest", offset=0, limit=20)
    client.results(sort="newest", offset=0, limit=25)
    assert only(server, "/etl/jobs").query == {"limit": "20"}
    assert only(server, "/tests/results").query == {"limit": "25"}


def test_jobs_sorted_and_of_a_period(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs", reply([JOB]))
    since = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    client.jobs(
        status=[JobStatus.FAILED, JobStatus.CANCELLED],
        user_id="kim",
        test_kind="k",
        since=since,
        until=since + timedelta(days=1),
        sort="longest",
        offset=40,
    )
    assert only(server, "/etl/jobs").query == {
        "status": "failed,cancelled",
        "userId": "kim",
        "testKind": "k",
        "since": "2026-03-01T00:00:00.000Z",
        "until": "2026-03-02T00:00:00.000Z",
        "sort": "longest",
        "offset": "40",
    }


@pytest.mark.parametrize("code", [404, 405])
def test_counts_are_none_if_the_back_end_lacks_them(
    server: ScriptedServer, client: EtlClient, code: int
) -> None:
    by_status = {"pending": 0, "running": 2, "completed": 0, "failed": 1, "cancelled": 0}
    server.on("/etl/jobs/counts", reply(by_status), status(code))
    counts = client.job_counts(user_id="kim")
    assert counts is not None
    assert (counts[JobStatus.RUNNING], counts[JobStatus.FAILED]) == (2, 1)
    assert client.job_counts() is None
    assert server.seen("/etl/jobs/counts")[0].query == {"userId": "kim"}


@pytest.mark.parametrize("code", [404, 405])
def test_history(server: ScriptedServer, client: EtlClient, code: int) -> None:
    at = "2026-03-01T10:00:00.000Z"
    span = {"jobId": "a", "status": "running", "startedAt": at, "finishedAt": None}
    bucket = {"start": at, "completed": 1, "failed": 2, "cancelled": 3, "rows": 4}
    data = {"since": at, "until": at, "spans": [span], "spansTotal": 9, "capped": True}
    data |= {"bucketSeconds": 60, "buckets": [bucket]}
    server.on("/etl/history", reply(data), status(code))
    history = client.history(since=datetime(2026, 3, 1, tzinfo=UTC))
    assert (history.spans[0].job_id, history.spans_total, history.capped) == ("a", 9, True)
    assert (history.buckets[0].rows, history.bucket_seconds) == (4, 60)
    with pytest.raises(NotFound):
        client.history()
    assert server.seen("/etl/history")[0].query == {"since": "2026-03-01T00:00:00.000Z"}


def test_process_many(server: ScriptedServer, client: EtlClient) -> None:
    error = {"code": "already_processed", "message": "No.", "details": {"testId": "b"}}
    done, failed = {"testId": "a", "ok": True, "jobId": "c"}, {"testId": "b", "ok": False}
    server.on("/etl/process/bulk", reply([done, {**failed, "error": error}]), status(405))
    first, second = client.process_many(["a", "b"], force=True)
    assert (first.test_id, first.ok, first.job_id, first.error) == ("a", True, "c", None)
    assert second.error is not None
    assert second.error.code == "already_processed"
    with pytest.raises(NotFound):
        client.process_many(["a"])
    bodies = [json.loads(request.body) for request in server.seen("/etl/process/bulk")]
    assert bodies[0] == {"testIds": ["a", "b"], "forceReprocess": True}


def test_results_sorted(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/tests/results", reply([RESULT]))
    client.results(test_kind="k", sort="lastRun", order="asc")
    query = only(server, "/tests/results").query
    assert query == {"testKind": "k", "sort": "lastRun", "order": "asc"}


def test_a_result_its_documents_and_test_kinds(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/tests/results/t1", reply(RESULT))
    document = {"id": "d", "type": "x", "summary": "", "contentPreview": ""}
    text = {**document, "content": "whole", "language": "ko"}
    server.on("/tests/results/t1/documents/d", reply(text))
    server.on("/test-kinds", reply([{"key": "k", "names": {"en": "K"}, "columns": ["a"]}]))
    server.on("/samples", reply({"message": "ok", "removed": 12}))
    assert client.result("t1").anp_seq == 7
    assert client.document("t1", "d") == "whole"
    assert client.test_kinds()[0].columns == ("a",)
    assert client.remove_samples() == 12
    server.on("/samples/replay", reply({"message": "ok", "replayed": 11}))
    assert client.replay_samples() == 11


def test_a_result_without_statistics_has_none(server: ScriptedServer, client: EtlClient) -> None:
    call = "/tests/results/t1/statistics"
    server.on(call, rejection(404, "no_statistics"), status(404), rejection(404, "test_not_found"))
    assert client.statistics("t1") is None
    assert client.statistics("t1") is None, "an older back end"
    with pytest.raises(NotFound):
        client.statistics("t1")


def test_scores_are_written_to_a_file(
    server: ScriptedServer, client: EtlClient, tmp_path: Path
) -> None:
    server.on("/tests/results/t1/scores", raw(b"PAR1" * 500_000))
    client.scores("t1", tmp_path / "scores", "parquet")
    assert (tmp_path / "scores").stat().st_size == 2_000_000
    assert only(server, "/tests/results/t1/scores").query == {"format": "parquet"}


def test_scores_that_are_cut_off_are_an_error(
    server: ScriptedServer, client: EtlClient, tmp_path: Path
) -> None:
    def half(exchange: Any) -> None:
        exchange.begin(200, {"Content-Length": "1000"})
        exchange.write(b"x" * 500)
        exchange.reset()

    server.on("/tests/results/t1/scores", half)
    with pytest.raises(ServiceUnavailable) as raised:
        client.scores("t1", tmp_path / "scores")
    assert raised.value.details["reason"] == "reset"


def test_upload(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/tests/results", reply(RESULT, code=201))
    result = client.upload(
        io.BytesIO(b"respondent_id\n1\n"), '답안 "3월".csv', test_kind="k", title="3월", user_id="u"
    )
    assert result.id == "t1"
    sent = only(server, "/tests/results")
    parts = MultipartDecoder(sent.body, sent.headers["content-type"]).parts
    fields = [part.headers[b"Content-Disposition"].decode() for part in parts]
    assert [part.content for part in parts[:3]] == [b"k", "3월".encode(), b"u"]
    assert parts[3].content == b"respondent_id\n1\n"
    assert 'name="file"' in fields[3]


def test_upload_does_not_hold_the_file_in_memory(
    server: ScriptedServer, client: EtlClient, tmp_path: Path
) -> None:
    answers = tmp_path / "answers.csv"
    with answers.open("wb") as file:
        file.truncate(50_000_000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=swallow_upload, args=(listener,), daemon=True).start()
        sending = EtlClient(f"http://127.0.0.1:{listener.getsockname()[1]}")
        tracemalloc.start()
        try:
            with answers.open("rb") as file:
                sending.upload(file, "a.csv", test_kind="k", title="t", user_id="u")
            assert tracemalloc.get_traced_memory()[1] < 10_000_000
        finally:
            tracemalloc.stop()


def swallow_upload(listener: socket.socket) -> None:
    """Read an upload without storing it, and reply that it was created."""
    connection, _address = listener.accept()
    body = json.dumps({"success": True, "data": RESULT}).encode()
    with connection:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while length:
            length -= len(connection.recv(min(length, 65_536)))
        answer = b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body)
        connection.sendall(answer + body)


def test_activity(server: ScriptedServer, client: EtlClient) -> None:
    entry = {
        "id": 9,
        "at": "2026-03-01T10:00:00Z",
        "actor": "kim",
        "role": "operator",
        "action": "cancel",
        "outcome": "refused",
        "code": "job_not_cancellable",
        "jobId": "a",
    }
    server.on("/activity", reply([entry], x_total_count="12"))
    page = client.activity(
        limit=5,
        before=10,
        job_id="a",
        actor="kim",
        outcome=ActivityOutcome.REFUSED,
        since=datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=9))),
    )
    (read,) = page.entries
    assert (read.actor, read.code, page.total) == ("kim", "job_not_cancellable", 12)
    assert only(server, "/activity").query == {
        "limit": "5",
        "before": "10",
        "jobId": "a",
        "actor": "kim",
        "outcome": "refused",
        "since": "2026-03-01T00:00:00.000Z",
    }


ODD_IDS = ["..", ".", "a/b", "50%", "%2e%2e", "a b", "작업", "🦊", "a?b#c", "a\\b", "a;b", "'\"<&"]


@pytest.mark.parametrize("job_id", ODD_IDS)
def test_any_text_may_be_an_id(server: ScriptedServer, client: EtlClient, job_id: str) -> None:
    with pytest.raises(NotFound):
        client.cancel(job_id)
    path = server.requests.get_nowait().path
    first, quoted = path.split("/etl/jobs/")
    assert (first, quoted.count("/")) == ("", 1)
    assert unquote(quoted.removesuffix("/cancel")) == job_id
    assert "/../" not in path
    assert "/./" not in path


def test_calls_are_counted_without_ids(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs/4f2a", reply(JOB))
    server.on("/etl/jobs/4f2a/cancel", rejection(409, "job_not_cancellable"))
    server.on("/tests/results", status(502))
    client.job("4f2a")
    client.job("4f2a")
    with pytest.raises(Conflict):
        client.cancel("4f2a")
    with pytest.raises(ServiceUnavailable):
        client.results()
    assert values_by_label(client.calls) == {
        ("GET", "/etl/jobs/{id}", "ok"): 2,
        ("POST", "/etl/jobs/{id}/cancel", "refused"): 1,
        ("GET", "/tests/results", "unavailable"): 1,
    }


def test_cookies_are_not_stored(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs", reply([], set_cookie="a=b; Path=/"))
    client.jobs()
    client.jobs()
    assert all("cookie" not in request.headers for request in server.seen("/etl/jobs"))


def test_many_threads_share_one_client(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs", reply([JOB]))
    server.on("/etl/jobs/a/cancel", rejection(409, "no"))
    failures: list[BaseException] = []

    def use() -> None:
        for _ in range(20):
            client.jobs()
            try:
                client.cancel("a")
            except Conflict:
                continue
            except EtlMonitorError as error:
                failures.append(error)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert len(server.seen("/etl/jobs")) == 160
