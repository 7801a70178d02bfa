"""Every call over real HTTP, as docs/wire.md describes it."""

import json
from typing import Any

import pytest
import requests

from tests.support.people import Person
from tests.support.scripted import Script
from tests.support.service_process import RunningService

# The fields that the original front end reads; the service sends more.
ORIGINAL_JOB = {
    "jobId",
    "status",
    "progress",
    "currentStep",
    "estimatedCompletion",
    "createdAt",
    "updatedAt",
}
OUR_JOB = {
    *("testId", "userId", "anpSeq", "rowsDone", "rowsTotal", "stepIndex", "stepCount"),
    *("startedAt", "finishedAt", "attempt", "retryOf", "rootId", "requestedBy", "forceReprocess"),
    *("cancelRequestedAt", "cancelRequestedBy", "cancelReason", "forced", "errorCode"),
    *("errorMessage", "heartbeatAt", "etaEarliest", "etaLatest"),
}
TEST_RESULT = {
    *("id", "userId", "anpSeq", "status", "completedAt", "documents", "title", "testKind"),
    *("respondents", "createdAt", "activeJob", "lastJob", "isSample", "unreadable"),
}


def test_every_call_but_health_requires_a_token(service: RunningService) -> None:
    assert requests.get(service.base_url + "/healthz", timeout=30).json()["success"] is True
    for path in ("/readyz", "/metrics", "/openapi.json", "/etl/jobs", "/etl/jobs/stream"):
        reply = requests.get(service.base_url + path, timeout=30)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorised")
        assert reply.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_head_is_answered_as_get(service: RunningService, path: str) -> None:
    headers = {"Authorization": f"Bearer {service.token}"}
    url = service.base_url + path
    get, head = (
        method(url, headers=headers, timeout=60) for method in (requests.get, requests.head)
    )
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if path != "/healthz":
        assert requests.head(url, timeout=60).status_code == 401


@pytest.mark.parametrize("token", ["", "wrong", "토큰", "x" * 5000])
def test_a_wrong_token(service: RunningService, token: str) -> None:
    reply = requests.get(service.base_url + "/etl/jobs", params={"token": token}, timeout=30)
    assert reply.status_code == 401


def test_a_token_in_the_address_is_accepted_and_not_logged(service: RunningService) -> None:
    parameters = {"token": service.token}
    assert requests.get(service.base_url + "/etl/jobs", params=parameters, timeout=30).ok
    body = {"userId": "missing", "anpSeq": 1}
    requests.post(service.base_url + "/etl/process", params=parameters, json=body, timeout=30)
    log = service.log.read_text("utf-8")
    assert '"route": "/etl/process"' in log
    assert service.token not in log


def test_a_test_from_upload_to_results(person: Person) -> None:
    test = person.upload(Script(rows=40), title="Summer intake")
    assert test.keys() == TEST_RESULT
    assert (test["userId"], test["anpSeq"], test["status"]) == (person.user_id, 1, "processing")
    job = test["activeJob"]
    assert job.keys() >= ORIGINAL_JOB | OUR_JOB
    assert job["status"] in ("pending", "running")  # a worker may have taken it already
    assert (job["progress"], job["estimatedCompletion"]) == (0, "")
    done = person.job_becomes(job["jobId"], "completed")
    assert (done["progress"], done["stepIndex"], done["stepCount"]) == (100, 3, 3)
    assert (done["rowsDone"], done["rowsTotal"]) == (40, 40)
    assert [step["name"] for step in done["steps"]] == ["prepare", "work", "finish"]
    assert {step["status"] for step in done["steps"]} == {"completed"}
    assert {step["rowsDone"] for step in done["steps"]} == {40}
    assert done["log"][0]["message"] == "prepare 40 rows"
    assert (done["fileName"], done["forceReprocess"]) == ("answers.json", False)
    test = person.test(test["id"])
    assert (test["status"], test["respondents"], test["activeJob"]) == ("completed", 40, None)
    assert test["completedAt"].endswith("Z")
    assert test["lastJob"]["jobId"] == job["jobId"]


def test_documents_in_the_requested_language(person: Person) -> None:
    test = person.processed()
    path = f"/tests/results/{test['id']}"
    for languages, summary in [
        ("ko-KR,ko;q=0.9,en;q=0.8", "요약"),
        ("en", "summary"),
        ("fr, ko;q=0.2, en;q=0.1", "요약"),
        ("fr", "summary"),
        ("ko;q=x", "summary"),
        ("ko;q=0", "summary"),
    ]:
        headers = {"Accept-Language": languages}
        (preview,) = person.service.data("GET", path, headers=headers)["documents"]
        assert preview["summary"] == summary
        assert preview.keys() == {"id", "type", "summary", "contentPreview", "createdAt"}
        document_path = f"{path}/documents/{preview['id']}"
        document = person.service.data("GET", document_path, headers=headers)
        assert document["content"].startswith(preview["contentPreview"])
        assert len(document["content"]) > len(preview["contentPreview"])


def test_statistics_and_scores(person: Person) -> None:
    path = f"/tests/results/{person.processed(Script(rows=30))['id']}"
    assert person.service.data("GET", f"{path}/statistics")["respondents"]["total"] == 30
    parquet = person.service.call("GET", f"{path}/scores")
    assert parquet.content[:4] == b"PAR1"
    text = person.service.call("GET", f"{path}/scores?format=csv").text.splitlines()
    assert len(text) == 31
    assert text[1] == '"\'=p0",0', "a formula must not reach a spreadsheet"


def test_results_that_do_not_exist(person: Person) -> None:
    path = f"/tests/results/{person.processed(Script(fail=True))['id']}"
    error = person.service.error
    assert error("GET", f"{path}/statistics")[:2] == (404, "no_statistics")
    assert error("GET", f"{path}/scores")[:2] == (404, "no_scores")
    assert error("GET", f"{path}/documents/x")[:2] == (404, "document_not_found")
    for rest in ("", "/statistics", "/scores"):
        assert error("GET", f"/tests/results/missing{rest}")[:2] == (404, "test_not_found")
    assert error("DELETE", "/tests/results/missing")[:2] == (404, "test_not_found")


def test_a_failed_job_has_a_reason_and_can_be_retried(person: Person) -> None:
    test = person.processed(Script(fail=True, rows=7))
    old = test["lastJob"]
    assert (test["status"], test["completedAt"]) == ("failed", None)
    assert (old["status"], old["errorCode"]) == ("failed", "too_bad")
    assert (old["errorMessage"], old["errorDetails"]) == ("The answers are too bad.", {"rows": 7})
    reply = person.service.call("POST", f"/etl/jobs/{old['jobId']}/retry")
    assert reply.status_code == 202
    new = reply.json()["data"]
    assert new.keys() == {"jobId", "status", "message"}
    again = person.job_becomes(new["jobId"], "failed")
    assert (again["retryOf"], again["rootId"], again["attempt"]) == (old["jobId"], old["jobId"], 2)
    family = [job["jobId"] for job in person.job(old["jobId"])["family"]]
    assert family == [old["jobId"], new["jobId"]]


def test_a_bug_of_the_pipeline_is_reported_without_its_internals(person: Person) -> None:
    job = person.job(person.processed(Script(bug=True))["lastJob"]["jobId"])
    assert (job["status"], job["errorCode"]) == ("failed", "internal_error")
    assert "secret" not in job["errorMessage"]
    assert "ZeroDivisionError: secret of the program" in job["log"][-1]["message"]
    assert job["log"][-1]["level"] == "error"


def test_process_again(person: Person) -> None:
    test = person.processed()
    body = {"userId": person.user_id, "anpSeq": 1}
    error = person.service.error
    assert error("POST", "/etl/process", json=body) == (
        409,
        "already_processed",
        {"testId": test["id"]},
    )
    reply = person.service.call("POST", "/etl/process", json=body | {"forceReprocess": True})
    assert reply.status_code == 202
    job = person.job_becomes(reply.json()["data"]["jobId"], "completed")
    assert (job["attempt"], job["retryOf"], job["testId"]) == (1, None, test["id"])
    missing = {"userId": person.user_id, "anpSeq": 9}
    assert error("POST", "/etl/process", json=missing) == (404, "test_not_found", missing)


def test_while_a_job_is_active(person: Person) -> None:
    test, gate = person.upload_held()
    job_id = test["activeJob"]["jobId"]
    error = person.service.error
    body = {"userId": person.user_id, "anpSeq": 1, "forceReprocess": True}
    details = {"testId": test["id"], "jobId": job_id}
    assert error("POST", "/etl/process", json=body) == (409, "test_already_processing", details)
    path = f"/tests/results/{test['id']}"
    assert error("DELETE", path) == (409, "test_is_processing", details)
    assert error("POST", f"/etl/jobs/{job_id}/retry")[:2] == (409, "job_not_retryable")
    active = [job["jobId"] for job in person.service.data("GET", "/etl/jobs/active")]
    assert job_id in active
    gate.touch()
    person.job_becomes(job_id, "completed")


def test_cancel_a_running_job(person: Person) -> None:
    test, _ = person.upload_held()
    path = f"/etl/jobs/{test['activeJob']['jobId']}"
    for reason in ("wrong file", "again"):
        reply = person.service.call("POST", f"{path}/cancel", json={"reason": reason})
        assert reply.status_code == 202
        assert reply.json()["data"].keys() == {"message"}
    job = person.job_becomes(test["activeJob"]["jobId"], "cancelled")
    assert (job["cancelReason"], job["cancelRequestedBy"], job["forced"]) == (
        "wrong file",
        "admin",
        False,
    )
    assert person.service.error("POST", f"{path}/cancel") == (
        409,
        "job_not_cancellable",
        {"jobId": job["jobId"], "status": "cancelled"},
    )
    assert person.test(test["id"])["status"] == "failed"


def test_an_active_newer_attempt_prevents_a_retry(person: Person) -> None:
    test, _ = person.upload_held()
    first = test["activeJob"]["jobId"]
    person.service.data("POST", f"/etl/jobs/{first}/cancel")
    person.job_becomes(first, "cancelled")
    newer = person.service.data("POST", f"/etl/jobs/{first}/retry")["jobId"]
    status, code, details = person.service.error("POST", f"/etl/jobs/{first}/retry")
    assert (status, code, details["jobId"]) == (409, "test_already_processing", newer)
    person.service.data("POST", f"/etl/jobs/{newer}/cancel")


def test_old_results_survive_a_later_failure(person: Person, service: RunningService) -> None:
    test = person.processed(Script(rows=20))
    before = person.test(test["id"])
    (upload,) = [
        path
        for path in (service.data_dir / "uploads").iterdir()
        if path.read_bytes() == Script(rows=20).file()
    ]
    upload.write_bytes(Script(rows=20, fail=True).file())
    body = {"userId": person.user_id, "anpSeq": 1, "forceReprocess": True}
    job_id = service.data("POST", "/etl/process", json=body)["jobId"]
    person.job_becomes(job_id, "failed")
    after = person.test(test["id"])
    assert after["lastJob"]["jobId"] == job_id
    for name in ("status", "completedAt", "documents", "respondents"):
        assert after[name] == before[name]
    assert service.call("GET", f"/tests/results/{test['id']}/scores").content[:4] == b"PAR1"


def test_delete_removes_the_job_and_the_files(person: Person, service: RunningService) -> None:
    test = person.processed()
    job_id = test["lastJob"]["jobId"]
    position = service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    files = _files(service)
    assert service.data("DELETE", f"/tests/results/{test['id']}").keys() == {"message"}
    assert service.error("GET", f"/etl/jobs/{job_id}")[:2] == (404, "job_not_found")
    assert len(_files(service)) == len(files) - 2
    feed = service.call("GET", "/etl/jobs/stream", headers={"Last-Event-ID": position}, stream=True)
    data = next(line for line in feed.iter_lines() if line.startswith(b"data: "))
    feed.close()
    assert json.loads(data[6:]) == {"type": "job_removed", "jobId": job_id}


def _files(service: RunningService) -> list[Any]:
    return [path for name in ("uploads", "results") for path in (service.data_dir / name).iterdir()]


def test_bulk_retry_has_an_outcome_for_each_job(person: Person) -> None:
    failed = person.processed(Script(fail=True))["lastJob"]["jobId"]
    completed = person.processed()["lastJob"]["jobId"]
    body = {"action": "retry", "jobIds": [failed, completed, "missing"]}
    outcomes = person.service.data("POST", "/etl/jobs/bulk", json=body)
    assert [(outcome["jobId"], outcome["ok"]) for outcome in outcomes] == [
        (failed, True),
        (completed, False),
        ("missing", False),
    ]
    assert person.job(outcomes[0]["newJobId"])["retryOf"] == failed
    codes = [outcome["error"]["code"] for outcome in outcomes[1:]]
    assert codes == ["job_not_retryable", "job_not_found"]


def test_bulk_cancel(person: Person) -> None:
    held = [person.upload_held()[0]["activeJob"]["jobId"] for _ in range(2)]
    waiting = person.upload()["activeJob"]["jobId"]
    body = {"action": "cancel", "jobIds": [*held, waiting], "reason": "all wrong"}
    outcomes = person.service.data("POST", "/etl/jobs/bulk", json=body)
    assert all(outcome["ok"] and outcome["newJobId"] is None for outcome in outcomes)
    for job_id in (*held, waiting):
        assert person.job_becomes(job_id, "cancelled")["cancelReason"] == "all wrong"


def test_the_activity_log_has_every_action(person: Person) -> None:
    test = person.processed(Script(fail=True))
    old = test["lastJob"]["jobId"]
    new = person.service.data("POST", f"/etl/jobs/{old}/retry")["jobId"]
    person.job_becomes(new, "failed")
    person.service.error("POST", f"/etl/jobs/{old}/cancel", json={"reason": "late"})
    entries = person.service.data("GET", f"/activity?jobId={old}")
    assert [(entry["action"], entry["outcome"], entry["code"]) for entry in entries] == [
        ("cancel", "refused", "job_not_cancellable"),
        ("retry", "done", None),
        ("upload", "done", None),
    ]
    assert (entries[0]["reason"], entries[1]["newJobId"]) == ("late", new)
    assert {entry["actor"] for entry in entries} == {"admin"}
    assert {entry["testId"] for entry in entries} == {test["id"]}
    older = person.service.data("GET", f"/activity?before={entries[0]['id']}&limit=1")
    assert older[0]["id"] < entries[0]["id"]
    assert person.service.data("GET", "/activity?actor=missing") == []


def test_kinds(service: RunningService) -> None:
    (kind,) = service.data("GET", "/test-kinds")
    assert kind == {
        "key": "scripted",
        "names": {"en": "Scripted"},
        "columns": ["script"],
        "optionalColumns": [],
        "answers": [],
    }


BAD_REQUESTS: list[tuple[str, str, Any]] = [
    ("GET", "/etl/jobs?limit=0", None),
    ("GET", "/etl/jobs?limit=1001", None),
    ("GET", "/etl/jobs?limit=many", None),
    ("GET", "/etl/jobs?status=sleeping", None),
    ("GET", "/etl/jobs?colour=red", None),
    ("GET", "/etl/jobs?q=%00", None),
    ("GET", "/etl/jobs?q=" + "x" * 201, None),
    ("GET", "/etl/jobs/%00", None),
    ("GET", "/etl/jobs/" + "x" * 201, None),
    ("GET", "/tests/results?offset=-1", None),
    ("GET", "/tests/results?offset=99999999999999999999", None),
    ("GET", "/tests/results?status=pending", None),
    ("GET", "/activity?before=99999999999999999999", None),
    ("GET", "/activity?before=0", None),
    ("GET", "/healthz?x=1", None),
    ("POST", "/etl/process", {}),
    ("POST", "/etl/process", []),
    ("POST", "/etl/process", None),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": 1, "force": True}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": 2**31}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": 10**30}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": 1.5}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": "1"}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": True}),
    ("POST", "/etl/process", {"userId": "kim", "anpSeq": 1, "forceReprocess": "yes"}),
    ("POST", "/etl/process", {"userId": "a\0", "anpSeq": 1}),
    ("POST", "/etl/process", {"userId": "\ud800", "anpSeq": 1}),
    ("POST", "/etl/process", {"user_id": "kim", "anp_seq": 1}),
    ("POST", "/etl/jobs/bulk", {"action": "cancel", "jobIds": []}),
    ("POST", "/etl/jobs/bulk", {"action": "delete", "jobIds": ["a"]}),
    ("POST", "/etl/jobs/bulk", {"action": "cancel", "jobIds": ["a"] * 1001}),
    ("POST", "/etl/jobs/a/cancel", {"reason": "x" * 2001}),
    ("POST", "/etl/jobs/a/cancel", {"why": "x"}),
    ("POST", "/etl/jobs/a/retry", {"foo": 1}),
    ("POST", "/etl/jobs/a/retry", []),
    ("DELETE", "/tests/results/a", {"foo": 1}),
    ("DELETE", "/samples", {"foo": 1}),
    ("POST", "/samples/replay", {"foo": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), BAD_REQUESTS)
def test_a_request_that_cannot_be_used(
    service: RunningService, method: str, path: str, body: Any
) -> None:
    status, code, details = service.error(method, path, json=body)
    assert (status, code) == (422, "invalid_request")
    assert details["problems"]
    assert details["field"]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"anpSeq":' + b"9" * 9999])
def test_a_body_that_is_no_json(service: RunningService, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    status, _, _ = service.error("POST", "/etl/process", data=body, headers=headers)
    assert status in (400, 422)


@pytest.mark.parametrize(
    ("content_type", "body", "problem"),
    [
        (None, '{"userId": "kim"}', "sent without a content type; send JSON"),
        (
            "application/x-www-form-urlencoded",
            '{"userId": "kim"}',
            "sent as application/x-www-form",
        ),
        ("text/plain", "kim", "sent as text/plain; send JSON"),
        ("application/json", '["kim"]', "not a JSON object"),
        ("application/json", '{"userId": "kim",}', "not JSON ("),
        (
            "application/json",
            '{"userId" "kim"}',
            "not JSON (Expecting ':' delimiter, at character 11)",
        ),
        ("application/json", "", "missing; send a JSON object"),
    ],
)
@pytest.mark.parametrize("path", ["/etl/process", "/etl/jobs/bulk"])
def test_the_error_says_what_is_wrong_with_a_body(
    service: RunningService, path: str, content_type: str | None, body: str, problem: str
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    error = service.call("POST", path, data=body.encode(), headers=headers).json()["error"]
    assert error["details"]["field"] == "body"
    assert error["details"]["problems"][0]["problem"].startswith(problem)
    assert error["message"].startswith(f"The request cannot be used: body: {problem}")


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
def test_a_body_without_fields_is_accepted_if_none_is_needed(person: Person, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    test = person.processed(Script(fail=True))
    path = f"/etl/jobs/{test['lastJob']['jobId']}/retry"
    new = person.service.data("POST", path, data=body, headers=headers)["jobId"]
    person.job_becomes(new, "failed")
    person.service.data("DELETE", f"/tests/results/{test['id']}", data=body, headers=headers)


def test_a_body_without_end(service: RunningService) -> None:
    error = service.error("POST", "/etl/process", data=b"[" + b"1," * 600_000)
    assert error == (413, "body_too_large", {"limitBytes": 1_000_000})


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/etl/jobs/", 404, "not_found"),
        ("PUT", "/etl/jobs", 405, "method_not_allowed"),
        ("GET", "/etl/jobs/missing", 404, "job_not_found"),
        ("GET", "/etl/jobs/missing/stream", 404, "job_not_found"),
        ("POST", "/etl/jobs/missing/cancel", 404, "job_not_found"),
        ("POST", "/etl/jobs/missing/retry", 404, "job_not_found"),
        ("GET", "/etl/jobs?before=missing", 400, "unknown_cursor"),
    ],
)
def test_unknown_paths_and_ids(
    service: RunningService, method: str, path: str, status: int, code: str
) -> None:
    assert service.error(method, path)[:2] == (status, code)


def test_openapi_describes_every_call_and_its_errors(service: RunningService) -> None:
    schema = service.call("GET", "/openapi.json").json()
    assert {"/etl/jobs/stream", "/tests/results", "/samples", "/activity"} <= schema["paths"].keys()
    for path, calls in schema["paths"].items():
        for call in calls.values():
            errors = [reply for status, reply in call["responses"].items() if int(status) >= 400]
            assert errors, path
            for reply in errors:
                body = reply["content"]["application/json"]["schema"]
                assert body == {"$ref": "#/components/schemas/ErrorReply"}, path
