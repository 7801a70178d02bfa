"""The activity log over HTTP: its entries and its filters."""

from typing import Any

import pytest
from sqlalchemy import insert

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import activity as table
from tests.support.people import Person
from tests.support.scripted import Script

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def entries(person: Person) -> Any:
    """The entries of one failed test, newest first: a rejected cancel, a retry, the upload."""
    test = person.upload(Script(fail=True), title="<b>여름</b> 공채 100%")
    old = test["activeJob"]["jobId"]
    person.job_becomes(old, "failed")
    new = person.service.data("POST", f"/etl/jobs/{old}/retry")["jobId"]
    person.job_becomes(new, "failed")
    person.service.error("POST", f"/etl/jobs/{old}/cancel", json={"reason": "너무 늦음"})
    return _entries(person, jobId=old)


def _entries(person: Person, **parameters: Any) -> Any:
    return person.service.call("GET", "/activity", params=parameters).json()["data"]


def test_an_entry_has_the_tests_title_and_the_errors_details(entries: Any) -> None:
    assert {entry["title"] for entry in entries} == {"<b>여름</b> 공채 100%"}
    rejected, retried, uploaded = entries
    assert rejected["details"] == {"jobId": rejected["jobId"], "status": "failed"}
    assert (retried["details"], uploaded["newJobId"]) == (None, rejected["jobId"])


@pytest.mark.parametrize(
    ("parameters", "actions"),
    [
        ({"action": "retry"}, ["retry"]),
        ({"outcome": "refused"}, ["cancel"]),
        ({"q": "너무 늦"}, ["cancel"]),
        ({"q": "<b>여름"}, ["cancel", "retry", "upload"]),
        ({"q": "100%"}, ["cancel", "retry", "upload"]),
        ({"q": "여_름"}, []),
        ({"q": "ADMIN"}, ["cancel", "retry", "upload"]),
        ({"since": "2100-01-01T00:00:00Z"}, []),
        ({"until": "2020-01-01T00:00:00+09:00"}, []),
    ],
)
def test_filters(
    person: Person, entries: Any, parameters: dict[str, str], actions: list[str]
) -> None:
    matching = _entries(person, jobId=entries[0]["jobId"], **parameters)
    assert [entry["action"] for entry in matching] == actions


def test_a_period_includes_its_start_but_not_its_end(person: Person, entries: Any) -> None:
    job_id, moment = entries[0]["jobId"], entries[1]["at"]
    assert entries[1] in _entries(person, jobId=job_id, since=moment)
    assert entries[1] not in _entries(person, jobId=job_id, until=moment)


def test_pages_in_both_directions(person: Person, entries: Any) -> None:
    newest, middle, oldest = entries
    job_id = newest["jobId"]
    reply = person.service.call("GET", f"/activity?jobId={job_id}&limit=1")
    assert (reply.json()["data"], reply.headers["X-Total-Count"]) == ([newest], "3")
    assert _entries(person, jobId=job_id, limit=1, before=newest["id"]) == [middle]
    assert _entries(person, jobId=job_id, limit=1, after=oldest["id"]) == [middle]
    assert _entries(person, jobId=job_id, after=oldest["id"]) == [newest, middle]


def test_an_entry_has_the_title_of_a_deleted_test(person: Person) -> None:
    test = person.processed()
    person.service.data("DELETE", f"/tests/results/{test['id']}")
    newest = _entries(person, limit=1)[0]
    assert (newest["action"], newest["title"], newest["testId"]) == ("delete", "A test", test["id"])


def test_the_entry_of_a_rejected_upload_has_what_was_sent(person: Person) -> None:
    form = {"testKind": "rorschach", "userId": person.user_id, "title": " A\u0007 title "}
    person.service.error("POST", "/tests/results", data=form, files={"file": ("a.json", b"{}")})
    newest = _entries(person, limit=1)[0]
    assert newest["title"] == "A title"
    assert newest["details"] == {"test_kind": "rorschach", "known": ["scripted"]}


@pytest.mark.parametrize(
    "parameters",
    [
        "outcome=perhaps",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "after=0",
        "q=%00",
        "action=",
    ],
)
def test_a_filter_that_cannot_be_used(person: Person, parameters: str) -> None:
    status, code, _ = person.service.error("GET", f"/activity?{parameters}")
    assert (status, code) == (422, "invalid_request")


def test_entries_without_a_title_from_older_versions_are_read(db: Database) -> None:
    old = {"at": now(), "actor": "kim", "role": "admin", "action": "delete", "outcome": "done"}
    with db.writing() as tx:
        tx.execute(insert(table).values(**old))
    with db.reading() as tx:
        (entry,) = activity_log.read(tx, ActivityFilter(), limit=10)
        assert (entry.title, entry.details) == (None, None)
        assert activity_log.count(tx, ActivityFilter(actor="lee")) == 0
