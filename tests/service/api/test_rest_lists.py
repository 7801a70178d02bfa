"""Orders, periods, counts, charts and bulk requests over real HTTP."""

from typing import Any
from urllib.parse import quote

import pytest

from etl_monitor.wire.history import History
from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.scripted import KIND, Script
from tests.support.service_process import RunningService


def _jobs(person: Person, parameters: str = "") -> list[str]:
    jobs = person.service.data("GET", f"/etl/jobs?userId={person.user_id}&{parameters}")
    return [job["jobId"] for job in jobs]


def _results(person: Person, parameters: str = "") -> list[str]:
    tests = person.service.data("GET", f"/tests/results?userId={person.user_id}&{parameters}")
    return [test["title"] for test in tests]


def test_jobs_by_status_person_kind_and_order(person: Person) -> None:
    failed = person.processed(Script(fail=True))["lastJob"]["jobId"]
    held = person.upload_held()[0]["activeJob"]["jobId"]
    done = person.processed()["lastJob"]["jobId"]
    assert _jobs(person) == [done, held, failed]
    assert _jobs(person, "status=failed,completed") == [done, failed]
    assert _jobs(person, "status=failed&status=completed,running") == [done, held, failed]
    assert _jobs(person, "sort=oldest&limit=2") == [failed, held]
    assert _jobs(person, "sort=oldest&limit=2&offset=2") == [done]
    assert _jobs(person, "sort=longest")[0] == held
    assert _jobs(person, "sort=progress")[0] == done
    assert _jobs(person, "sort=newest&offset=1&limit=1") == [held]
    assert _jobs(person, f"testKind={KIND}&limit=1") == [done]
    assert _jobs(person, "testKind=other") == []
    reply = person.service.call("GET", f"/etl/jobs?userId={person.user_id}&sort=oldest&limit=1")
    assert reply.headers["X-Total-Count"] == "3"
    assert "X-Next-Before" not in reply.headers
    _check_counts(person)
    person.service.data("POST", f"/etl/jobs/{held}/cancel")


def _check_counts(person: Person) -> None:
    """Check the counts of the three jobs above."""
    counts = person.service.data("GET", f"/etl/jobs/counts?userId={person.user_id}")
    assert counts == {"pending": 0, "running": 1, "completed": 1, "failed": 1, "cancelled": 0}
    none = person.service.data("GET", f"/etl/jobs/counts?userId={person.user_id}&q=zzz")
    assert set(none.values()) == {0}
    all_three = f"/etl/jobs/counts?userId={person.user_id}&q=zzz&q={person.user_id}"
    assert sum(person.service.data("GET", all_three).values()) == 3


def test_a_period_by_its_creation_in_any_time_zone(person: Person) -> None:
    first = person.job(person.processed()["lastJob"]["jobId"])
    second = person.job(person.processed()["lastJob"]["jobId"])
    at = second["createdAt"]
    assert _jobs(person, f"since={at}") == [second["jobId"]]
    assert _jobs(person, f"until={at}") == [first["jobId"]]
    assert _jobs(person, f"since={quote(at.replace('Z', '+00:00'))}") == [second["jobId"]]
    assert _jobs(person, "until=2020-01-01T09:00:00%2B09:00") == []
    counts = person.service.data("GET", f"/etl/jobs/counts?userId={person.user_id}&since={at}")
    assert counts["completed"] == 1


def test_results_in_every_order(person: Person) -> None:
    scripts = {"나무": Script(rows=10), "apple": Script(fail=True), "Pear": Script()}
    for title, script in scripts.items():
        _wait(person, person.upload(script, title=title)["id"])
    assert _results(person) == ["Pear", "apple", "나무"]
    assert _results(person, "order=asc") == ["나무", "apple", "Pear"]
    assert _results(person, "sort=title") == ["apple", "Pear", "나무"]
    assert _results(person, "sort=title&order=desc") == ["나무", "Pear", "apple"]
    assert _results(person, "sort=respondents") == ["Pear", "나무", "apple"]
    assert _results(person, "sort=respondents&order=asc") == ["나무", "Pear", "apple"]
    assert _results(person, f"testKind={KIND}&limit=1&offset=1") == ["apple"]
    assert _results(person, "testKind=other") == []
    _check_order_by_last_run(person)


def _wait(person: Person, test_id: str) -> None:
    def is_over() -> None:
        assert person.test(test_id)["activeJob"] is None

    eventually(is_over, within=20)


def _check_order_by_last_run(person: Person) -> None:
    """Process the oldest of the three tests again: it comes first."""
    tests = person.service.data("GET", f"/tests/results?userId={person.user_id}&order=asc")
    body = {"testIds": [tests[0]["id"]], "forceReprocess": True}
    person.service.data("POST", "/etl/process/bulk", json=body)
    assert _results(person, "sort=lastRun") == ["나무", "Pear", "apple"]
    assert _results(person, "sort=lastRun&order=asc") == ["apple", "Pear", "나무"]
    _wait(person, tests[0]["id"])


def test_results_by_person(service: RunningService, person: Person) -> None:
    mark = person.user_id
    for initial in ("b", "C", "a"):
        person.upload(title=mark, userId=f"{initial} {mark}")
    tests = service.data("GET", f"/tests/results?q={mark}&sort=person")
    assert [test["userId"][0] for test in tests] == ["a", "b", "C"]


def test_bulk_processing_has_an_outcome_and_an_activity_entry_for_each_test(person: Person) -> None:
    done = person.processed()["id"]
    failed = person.processed(Script(fail=True))["id"]
    busy, gate = person.upload_held()
    _, other_gate = person.upload_held()  # both workers are busy, so the new job stays pending
    body = {"testIds": [done, failed, busy["id"], "missing", failed]}
    outcomes = person.service.data("POST", "/etl/process/bulk", json=body)
    assert [outcome["testId"] for outcome in outcomes] == body["testIds"]
    assert [outcome["error"] and outcome["error"]["code"] for outcome in outcomes] == [
        "already_processed",
        None,
        "test_already_processing",
        "test_not_found",
        "test_already_processing",
    ]
    assert [outcome["ok"] for outcome in outcomes] == [False, True, False, False, False]
    assert outcomes[4]["error"]["details"]["jobId"] == outcomes[1]["jobId"]
    entries = person.service.data("GET", "/activity?action=process&limit=5")
    assert [entry["testId"] for entry in entries] == body["testIds"][::-1]
    assert [entry["code"] for entry in entries][::-1] == [
        outcome["error"] and outcome["error"]["code"] for outcome in outcomes
    ]
    forced = {"testIds": [done], "forceReprocess": True}
    (again,) = person.service.data("POST", "/etl/process/bulk", json=forced)
    gate.touch()
    other_gate.touch()
    redone = person.job_becomes(again["jobId"], "completed")
    assert (redone["testId"], redone["forceReprocess"]) == (done, True)


def test_finished_jobs_follow_a_page_full_of_active_jobs(person: Person) -> None:
    done = person.processed()["lastJob"]["jobId"]
    held, gate = person.upload_held()
    first = person.service.call("GET", "/etl/jobs?limit=1")
    assert held["activeJob"]["jobId"] in {job["jobId"] for job in first.json()["data"]}
    assert {job["status"] for job in first.json()["data"]} <= {"pending", "running"}
    following = {"limit": 1, "before": first.headers["X-Next-Before"]}
    (newest,) = person.service.data("GET", "/etl/jobs", params=following)
    assert newest["jobId"] == done
    gate.touch()
    person.job_becomes(held["activeJob"]["jobId"], "completed")


def test_history(person: Person) -> None:
    done = person.job(person.processed(Script(rows=40))["lastJob"]["jobId"])
    failed = person.job(person.processed(Script(fail=True))["lastJob"]["jobId"])
    held, gate = person.upload_held()
    history = person.service.data("GET", f"/etl/history?since={done['startedAt']}")
    assert history.keys() == {
        *("since", "until", "spans", "spansTotal", "capped", "bucketSeconds", "buckets")
    }
    mine = [held["activeJob"]["jobId"], failed["jobId"], done["jobId"]]
    ran = [span["jobId"] for span in history["spans"]]
    assert [job_id for job_id in ran if job_id in mine] == mine, "newest start first"
    buckets = History.model_validate(history).buckets
    assert sum(bucket.completed for bucket in buckets) >= 1
    assert sum(bucket.failed for bucket in buckets) >= 1
    assert sum(bucket.rows for bucket in buckets) >= 40
    day = History.model_validate(person.service.data("GET", "/etl/history"))
    assert (day.until - day.since).total_seconds() == 86_400
    gate.touch()
    person.job_becomes(mine[0], "completed")


_DAY = "2026-03-01T00:00:00Z"
_NEXT = "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/etl/jobs?status=failed,sleeping", "status.1"),
        ("/etl/jobs?status=failed,", "status.1"),
        ("/etl/jobs?sort=best", "sort"),
        ("/etl/jobs?sort=oldest&before=x", "before"),
        ("/etl/jobs?before=x&offset=1", "offset"),
        ("/etl/jobs?offset=-1", "offset"),
        ("/etl/jobs?since=yesterday", "since"),
        ("/etl/jobs?since=2026-03-01", "since"),
        ("/etl/jobs?since=2026-03-01T00:00:00", "since"),
        ("/etl/jobs?since=1700000000", "since"),
        ("/etl/jobs?since=0001-01-01T00:00:00%2B14:00", "since"),
        ("/etl/jobs?until=9999-12-31T23:59:59-14:00", "until"),
        (f"/etl/jobs?since={_DAY}&until={_DAY}", "until"),
        ("/etl/jobs?testKind=", "testKind"),
        ("/etl/jobs?testKind=" + "x" * 101, "testKind"),
        ("/etl/jobs?userId=%00", "userId"),
        ("/etl/jobs/counts?status=failed", "status"),
        ("/etl/jobs/counts?limit=1", "limit"),
        (f"/etl/jobs/counts?since={_NEXT}&until={_DAY}", "until"),
        ("/etl/jobs?" + "&q=a" * 11, "q"),
        ("/tests/results?sort=colour", "sort"),
        ("/tests/results?order=up", "order"),
        (f"/etl/history?since={_NEXT}&until={_DAY}", "until"),
        (f"/etl/history?since=2024-01-01T00:00:00Z&until={_DAY}", "since"),
        ("/etl/history?until=1970-01-01T00:00:00Z&since=x", "since"),
        ("/etl/history?hours=1", "hours"),
        ("/activity?since=0001-01-01T00:00:00%2B14:00", "since"),
        (f"/activity?since={_DAY}&until={_DAY}", "until"),
    ],
)
def test_invalid_parameters(service: RunningService, path: str, field: str) -> None:
    status, code, details = service.error("GET", path)
    assert (status, code, details["field"]) == (422, "invalid_request", field)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"testIds": []},
        {"testIds": ["a"] * 1001},
        {"testIds": ["a\0"]},
        {"testIds": "a"},
        {"testIds": ["a"], "force": True},
        {"testIds": ["a"], "forceReprocess": "perhaps"},
    ],
)
def test_invalid_bodies_of_a_bulk_request(service: RunningService, body: Any) -> None:
    assert service.error("POST", "/etl/process/bulk", json=body)[:2] == (422, "invalid_request")


def test_results_of_a_person_with_a_slash_in_the_name(person: Person) -> None:
    user_id = f"{person.user_id}/a b"
    test = person.upload(userId=user_id)
    tests = person.service.data("GET", f"/tests/results/user/{quote(user_id, safe='')}")
    assert [test["id"] for test in tests] == [test["id"]]


def test_a_history_before_1970(service: RunningService) -> None:
    history = service.data("GET", "/etl/history?until=1970-01-01T01:00:00Z")
    assert (history["since"], history["spans"]) == ("1969-12-31T01:00:00.000Z", [])


def test_openapi_describes_the_lists(service: RunningService) -> None:
    paths = service.call("GET", "/openapi.json").json()["paths"]
    jobs = {parameter["name"]: parameter for parameter in paths["/etl/jobs"]["get"]["parameters"]}
    counts = {parameter["name"] for parameter in paths["/etl/jobs/counts"]["get"]["parameters"]}
    assert jobs.keys() - counts == {"status", "sort", "limit", "before", "offset"}
    assert counts == {"testId", "userId", "testKind", "q", "since", "until"}
    assert jobs["since"]["schema"]["anyOf"][0]["format"] == "date-time"
    assert {"/etl/history", "/etl/process/bulk"} <= paths.keys()
    results = {parameter["name"] for parameter in paths["/tests/results"]["get"]["parameters"]}
    assert {"sort", "order", "testKind"} <= results
