"""The client against a scripted server: requests, replies and every kind of failure."""

import gzip
import io
import json
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from requests_toolbelt.multipart.decoder import MultipartDecoder

from etl_monitor.client import EtlClient
from etl_monitor.client.request import HttpClient
from etl_monitor.client.transport import access
from etl_monitor.errors import (
    ApiError,
    BadRequest,
    Conflict,
    EtlMonitorError,
    Forbidden,
    NotFound,
    ServiceUnavailable,
    SettingError,
    TooLarge,
    Unauthorised,
)
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.result import ResultStatus
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import (
    Exchange,
    Request,
    ScriptedServer,
    Step,
    closed_port,
    raw,
    rejection,
    reply,
    status,
)

JOB = {"jobId": "a", "status": "running", "progress": 10}
RESULT = {"id": "t1", "userId": "u", "anpSeq": 7, "status": "processing", "activeJob": JOB}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[EtlClient]:
    client = EtlClient(server.address, "s3cret", language="ko", timeout=(2, 2))
    yield client
    client.close()


def send_file(client: EtlClient) -> object:
    file = io.BytesIO(b"id,q1\n1,2\n")
    return client.upload(file, "a.csv", test_kind="k", title="t", user_id="u")


def only(server: ScriptedServer, path: str) -> Request:
    (request,) = server.seen(path)
    return request


# Requests and replies


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


# Failures


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, BadRequest),
        (401, Unauthorised),
        (403, Forbidden),
        (404, NotFound),
        (405, NotFound),
        (409, Conflict),
        (410, BadRequest),
        (413, TooLarge),
        (422, BadRequest),
    ],
)
@pytest.mark.parametrize("own", [True, False], ids=["the service's", "another server's"])
def test_a_rejection_is_an_error_of_its_class(
    server: ScriptedServer, client: EtlClient, code: int, kind: type[ApiError], own: bool
) -> None:
    ours = rejection(code, "some_code", "Because.", {"jobId": "b"})
    server.on("/etl/jobs/a/retry", ours if own else status(code))
    with pytest.raises(kind) as raised:
        client.retry("a")
    assert type(raised.value) is kind
    assert raised.value.status == code
    if own:
        error = raised.value
        assert (error.code, error.message, error.details) == (
            "some_code",
            "Because.",
            {"jobId": "b"},
        )
    else:
        assert raised.value.code == f"http_{code}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"detail": "The job is locked."}, "The job is locked."),
        (
            {"status": 409, "error": "Conflict", "message": "It is locked.", "path": "/x"},
            "It is locked.",
        ),
        ({"type": "about:blank", "title": "Locked by kim", "status": 409}, "Locked by kim"),
        ({"success": False, "error": "In use"}, "In use"),
        ({"success": False, "error": {"code": 7, "message": "In use"}}, "In use"),
        ({"detail": "Conflict"}, None),
        ({"detail": [{"loc": ["x"]}]}, None),
        (["x"], None),
    ],
)
def test_the_reason_of_another_frameworks_error_is_shown(
    server: ScriptedServer, client: EtlClient, body: Any, message: str | None
) -> None:
    server.on("/etl/jobs/a/retry", raw(json.dumps(body).encode("utf-8-sig"), code=409))
    with pytest.raises(Conflict) as raised:
        client.retry("a")
    if message:
        assert (raised.value.code, raised.value.message) == ("rejected", message)
    else:
        assert raised.value.code == "http_409"


def test_a_reply_that_is_not_compressed_as_it_says_is_named(
    server: ScriptedServer, client: EtlClient
) -> None:
    server.on("/etl/jobs", raw(b'{"success": true, "data": []}', content_encoding="gzip"))
    assert unavailable(client.jobs).details["reason"] == "encoding"


def test_of_records_with_the_same_id_the_last_counts(
    server: ScriptedServer, client: EtlClient
) -> None:
    """A page draws a row for each id, and no two."""
    server.on("/etl/jobs", reply([JOB, {"jobId": "b"}, JOB | {"progress": 20}]))
    server.on("/tests/results", reply([RESULT | {"id": 7}, RESULT | {"id": "7", "title": "T"}]))
    assert [(job.job_id, job.progress) for job in client.jobs().jobs] == [("a", 20), ("b", 0)]
    assert [result.title for result in client.results().results] == ["T"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_reply_may_be_in_any_encoding_of_json(
    server: ScriptedServer, client: EtlClient, encoding: str
) -> None:
    server.on("/etl/jobs", raw(json.dumps({"success": True, "data": [JOB]}).encode(encoding)))
    assert [job.job_id for job in client.jobs().jobs] == ["a"]


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_temporary_failure_is_an_unavailable_service(
    server: ScriptedServer, client: EtlClient, code: int
) -> None:
    server.on("/etl/jobs/a/retry", rejection(code, "not_now", "Later.", retry_after="7"))
    error = unavailable(lambda: client.retry("a"))
    assert (error.code, error.message) == ("not_now", "Later.")
    assert (error.details["status"], error.details["retry_after"]) == (code, "7")


def unavailable(call: Callable[[], object]) -> ServiceUnavailable:
    with pytest.raises(ServiceUnavailable) as raised:
        call()
    return raised.value


@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"[]"),
        raw(b"OK"),
        raw(b'{"status": "UP"}', content_type="application/json"),
        raw(b'{"success": true}'),
        raw(b'{"success": false, "data": []}'),
        raw(b"[" * 100_000),
    ],
)
def test_a_reply_of_another_server_is_not_a_service(
    server: ScriptedServer, client: EtlClient, answer: Step
) -> None:
    server.on("/etl/jobs", answer)
    error = unavailable(client.jobs)
    assert error.code == "not_a_service"
    assert server.address in error.message


HTML = "text/html; charset=utf-8"
SIGN_IN_FORM = b"<!DOCTYPE html><form><input name=u><input TYPE='password'></form>"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (raw(b"<html>Welcome</html>"), "web_page"),
        (raw(b"Welcome", content_type=HTML), "web_page"),
        (raw(SIGN_IN_FORM, content_type=HTML), "sign_in_page"),
        (raw(SIGN_IN_FORM, code=401, content_type=HTML), "sign_in_page"),
        (status(302, location="/oauth2/authorize?client=x"), "sign_in_page"),
        (reply({"jobs": []}), "other_version"),
        (reply([{"id": 7}, 8, None]), "other_version"),
        (raw(b"<html>Bad Gateway</html>", code=502), "http_502"),
        (raw(b'{"success": false, "error": {"code": "busy", "message": "x"}}', code=503), "busy"),
    ],
)
def test_what_answers_is_named(
    server: ScriptedServer, client: EtlClient, answer: Step, code: str
) -> None:
    server.on("/etl/jobs", answer)
    server.on("/oauth2/authorize", raw(b"<html>Who are you?</html>", content_type=HTML))
    error = unavailable(client.jobs)
    assert error.code == code
    assert code in ("busy",) or server.address in error.message


def test_a_rejection_with_a_status_of_success_is_a_rejection(
    server: ScriptedServer, client: EtlClient
) -> None:
    body = b'{"success": false, "error": {"code": "no_entry", "message": "No."}}'
    server.on("/etl/jobs", raw(body))
    with pytest.raises(BadRequest) as raised:
        client.jobs()
    assert raised.value.code == "no_entry"


def test_an_odd_record_does_not_hide_the_others(server: ScriptedServer, client: EtlClient) -> None:
    odd: list[Any] = [
        {"title": "no id"},
        None,
        7,
        "x",
        [],
        {"jobId": "b", "progress": {}, "status": 3},
    ]
    server.on("/etl/jobs", reply([JOB, *odd]))
    assert [(job.job_id, job.status) for job in client.jobs().jobs] == [
        ("a", JobStatus.RUNNING),
        ("b", JobStatus.UNKNOWN),
    ]
    server.on("/tests/results", reply([RESULT, None, {"id": 8, "documents": [{"id": 1}, 5]}]))
    first, second = client.results().results
    assert (first.id, second.id, second.status) == ("t1", "8", ResultStatus.UNKNOWN)
    assert [document.id for document in second.documents] == ["1"]
    entry = {"id": 1, "at": "2026-03-01T10:00:00Z", "actor": "u", "role": "admin"}
    entry |= {"action": "cancel", "outcome": "done"}
    server.on("/activity", reply([{"id": "?"}, entry]))
    assert [entry.id for entry in client.activity().entries] == [1]


def test_a_list_of_null_is_empty(server: ScriptedServer, client: EtlClient) -> None:
    """So Go writes a slice that was never filled."""
    server.on("/etl/jobs/active", reply(None))
    assert client.active_jobs() == ()


def test_text_that_is_no_utf_8_is_replaced(server: ScriptedServer, client: EtlClient) -> None:
    body = b'{"success": true, "data": [{"jobId": "a", "title": "\xff\\ud800"}]}'
    server.on("/etl/jobs", raw(body))
    (job,) = client.jobs().jobs
    assert (job.title or "").encode()


def test_a_list_of_too_many_values_is_not_read(
    server: ScriptedServer, client: EtlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl_monitor.client.reply._MAX_VALUES", 1000)
    server.on("/etl/jobs", raw(b'{"success": true, "data": [' + b"0," * 1001 + b"0]}"))
    assert unavailable(client.jobs).code == "too_many_records"


def test_a_record_that_cannot_be_decoded_is_left_out_of_its_list(
    server: ScriptedServer, client: EtlClient
) -> None:
    """Python refuses to read a number of 5,000 digits."""
    odd = b'{"jobId": "a", "progress": %s}' % (b"9" * 5_000)
    server.on("/etl/jobs", raw(b'{"success":true,"data":[%s, {"jobId":"b"}]}' % odd))
    for jobs in (client.jobs().jobs, client.all_jobs().jobs):
        assert [job.job_id for job in jobs] == ["b"]


@pytest.mark.parametrize("deep", [b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 200_000])
def test_a_list_that_is_nested_too_deeply_is_not_understood(
    server: ScriptedServer, client: EtlClient, deep: bytes
) -> None:
    for body in (deep, b'{"success":true,"data":' + deep, b'{"success":true,"data":[%s]}' % deep):
        server.on("/etl/jobs", raw(body))
        for call in (client.jobs, client.all_jobs):
            assert unavailable(call).code == "not_a_service"


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


def test_an_endless_reply_is_not_read_to_its_end(server: ScriptedServer) -> None:
    many = [JOB] * 2000

    def endless(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": "application/json"})
        while not exchange.closing.is_set():
            exchange.write(b" " * 65_536)

    server.on("/etl/jobs", reply(many))
    server.on("/etl/jobs/active", endless)
    server.on("/system", gzipped(b" " * 3_000_000))
    rest = HttpClient(access(server.address, None), timeout=(2, 2), max_reply=1_000_000)
    assert len(rest.response("GET", "/etl/jobs").json()["data"]) == 2000
    for call in ("/etl/jobs/active", "/system"):
        with pytest.raises(ServiceUnavailable) as raised:
            rest.response("GET", call)
        assert raised.value.code == "reply_too_large"
        assert "1 MB" in raised.value.message
    rest.close()


def gzipped(body: bytes) -> Step:
    return raw(gzip.compress(body), content_encoding="gzip", content_type="application/json")


def test_a_reply_that_is_too_slow_is_given_up(
    server: ScriptedServer, client: EtlClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl_monitor.client.request._REPLY_TIMEOUT", 0.1)

    def trickle(exchange: Exchange) -> None:
        exchange.begin(200, {"Content-Type": "application/json"})
        while not exchange.closing.wait(0.02):
            exchange.write(b" ")

    server.on("/etl/jobs", trickle)
    with pytest.raises(ServiceUnavailable):
        client.jobs()


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


def test_a_port_without_a_listener_is_unreachable() -> None:
    error = unavailable(EtlClient(f"http://127.0.0.1:{closed_port()}", "s3cret").jobs)
    assert (error.code, error.details["reason"]) == ("unreachable", "refused")
    assert "s3cret" not in str(error)


def test_a_missing_response_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        client = EtlClient(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=(1, 0.1))
        assert unavailable(client.jobs).code == "timeout"


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://[", "http://h:99999", "x"])
def test_an_invalid_address_is_a_setting_error(url: str) -> None:
    with pytest.raises(SettingError, match="cannot be used; allowed: an address such as"):
        EtlClient(url)


def test_an_invalid_address_is_shown_without_its_password() -> None:
    with pytest.raises(SettingError, match=r"http://\*\*\*@h:99999"):
        EtlClient("http://kim:s3cret@h:99999")


def test_a_token_that_no_header_can_carry_is_rejected_but_not_shown() -> None:
    with pytest.raises(SettingError) as raised:
        EtlClient("http://127.0.0.1", "s3cret\nX-Evil: 1")
    assert "s3cret" not in str(raised.value)


def test_a_token_may_have_letters_of_any_script(server: ScriptedServer) -> None:
    server.on("/etl/jobs/active", reply([]))
    EtlClient(server.address, " 토큰 ").active_jobs()
    sent = only(server, "/etl/jobs/active").headers["authorization"]
    assert sent.encode("latin-1").decode() == "Bearer 토큰"


def test_a_password_in_the_address_is_not_shown(server: ScriptedServer) -> None:
    client = EtlClient(server.address.replace("//", "//me:s3cret@"))
    server.on("/etl/jobs", status(500))
    error = unavailable(client.jobs)
    assert "s3cret" not in f"{error} {error.details} {client!r}"


# Redirects and reused connections


def test_a_reading_call_follows_a_redirect_and_the_token_stays_with_its_origin(
    server: ScriptedServer, client: EtlClient
) -> None:
    with ScriptedServer() as other:
        server.on("/etl/jobs", status(302, location="/here"))
        server.on("/here", status(302, location=f"{other.address}/there"))
        other.on("/there", reply([JOB]))
        assert client.jobs(limit=5).total == 1
        assert "authorization" in only(server, "/here").headers
        assert "authorization" not in only(other, "/there").headers


@pytest.mark.parametrize(("code", "follows"), [(302, False), (307, True), (308, True)])
def test_a_command_follows_a_redirect_only_with_its_method(
    server: ScriptedServer, client: EtlClient, code: int, follows: bool
) -> None:
    server.on("/etl/jobs/a/retry", status(code, location="/b"))
    server.on("/b", reply({"jobId": "b"}))
    if follows:
        assert client.retry("a").job_id == "b"
    else:
        assert unavailable(lambda: client.retry("a")).code == f"http_{code}"
    assert all(request.method == "POST" for request in list(server.requests.queue))


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("code", [307, 308])
def test_a_command_and_an_upload_never_leave_the_service(
    server: ScriptedServer, client: EtlClient, code: int, scheme: str
) -> None:
    with ScriptedServer() as other:
        target = other.address.replace("http", scheme, 1) + "/there"
        for call in ("/etl/jobs/a/retry", "/tests/results"):
            server.on(call, status(code, location=target))
        for send in (lambda: client.retry("a"), lambda: send_file(client)):
            error = unavailable(send)
            assert (error.code, error.details["target"]) == ("redirect_refused", target)
        assert other.requests.empty()


def test_the_token_does_not_go_to_another_scheme() -> None:
    for scheme, is_sent in (("https", True), ("http", False)):
        request = requests.Request("GET", f"{scheme}://etl.example.com/x").prepare()
        access("https://etl.example.com", "s3cret").auth(request.url or "")(request)
        assert ("Authorization" in request.headers) == is_sent


def test_a_redirected_upload_is_not_sent_without_its_file(
    server: ScriptedServer, client: EtlClient
) -> None:
    """The file was read while it was sent, and cannot be sent again."""
    server.on("/tests/results", status(307, location="/tests/results/"))
    assert unavailable(lambda: send_file(client)).code == "redirect_refused"
    assert server.seen("/tests/results/") == []


def test_a_redirect_loop_ends(server: ScriptedServer, client: EtlClient) -> None:
    server.on("/etl/jobs", status(302, location="/etl/jobs"))
    assert unavailable(client.jobs).code == "not_a_service"


def test_a_reading_call_is_repeated_once_and_a_command_never(
    server: ScriptedServer, client: EtlClient
) -> None:
    def drop(exchange: Any) -> None:
        exchange.reset()

    server.on("/etl/jobs", drop, reply([JOB]))
    server.on("/etl/jobs/a/retry", drop, reply({"jobId": "b"}))
    assert client.jobs().total == 1
    assert unavailable(lambda: client.retry("a")).details["reason"] == "reset"
    assert len(server.seen("/etl/jobs/a/retry")) == 1


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
