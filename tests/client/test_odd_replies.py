"""Replies of what is no service, and those that a service should not send."""

import gzip
import json
from typing import Any

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.client.request import HttpClient
from etl_monitor.client.transport import access
from etl_monitor.errors import (
    ApiError,
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    ServiceUnavailable,
    TooLarge,
    Unauthorised,
)
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.result import ResultStatus
from tests.client.calls import JOB, RESULT, unavailable
from tests.support.scripted_server import (
    Exchange,
    ScriptedServer,
    Step,
    raw,
    rejection,
    reply,
    status,
)


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
