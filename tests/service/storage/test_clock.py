"""The clock is set by an hour while jobs run: nothing waits an hour longer."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import eta, lifecycle
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.jobs.step_costs import fit_step_costs
from etl_monitor.service.storage import clock
from etl_monitor.service.storage.database import Database
from etl_monitor.sse import read_events
from etl_monitor.wire.job import Job
from tests.support.eventually import eventually
from tests.support.lives import workers
from tests.support.people import Person
from tests.support.records import MINUTE, add_test, claim, progress
from tests.support.scripted_clock import SETTING
from tests.support.service_process import RunningService, running_service

pytestmark = pytest.mark.long

HOUR = 3600


@pytest.fixture(scope="module")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clock") / "off"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, clock_file: Path) -> Iterator[RunningService]:
    setting = SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}
    data_dir = tmp_path_factory.mktemp("service") / "data"
    with running_service(data_dir, env=setting | {"CLOCK_FILE": str(clock_file)}) as running:
        yield running


@pytest.fixture
def owner(
    own: RunningService, clock_file: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Person]:
    yield Person(service=own, user_id=request.node.name, folder=tmp_path)
    _set(clock_file, 0)


def _set(clock_file: Path, seconds: float) -> None:
    """Replace the file atomically."""
    new = clock_file.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(clock_file)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_cancel_is_forced_at_its_deadline(owner: Person, clock_file: Path, hours: int) -> None:
    test, _ = owner.upload_held(ignore_cancel=True)
    job_id = test["activeJob"]["jobId"]
    owner.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    _set(clock_file, hours * HOUR)
    over = owner.job_becomes(job_id, "cancelled")
    assert over["forced"] is True
    assert over["finishedAt"] >= over["startedAt"]
    assert owner.processed()["status"] == "completed"


def test_a_running_job_goes_on_and_never_ends_before_its_start(
    owner: Person, clock_file: Path
) -> None:
    test, gate = owner.upload_held()
    job_id = test["activeJob"]["jobId"]
    position = owner.service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    _set(clock_file, -HOUR)
    eventually(lambda: _was_updated_before_its_creation(owner.job(job_id)))
    gate.touch()
    over = owner.job_becomes(job_id, "completed")
    assert over["finishedAt"] == over["startedAt"]
    assert all(step["finishedAt"] >= step["startedAt"] for step in over["steps"])
    ids = [event.id for event in _events(owner.service, position)]
    assert ids == [str(int(position) + 1 + n) for n in range(len(ids))], "in order, without gaps"


def _was_updated_before_its_creation(job: Any) -> None:
    assert job["updatedAt"] < job["createdAt"]


def _events(service: RunningService, after: str) -> list[Any]:
    """Read events until a job has completed."""
    headers, events = {"Last-Event-ID": after}, []
    with service.call("GET", "/etl/jobs/stream", headers=headers, stream=True) as feed:
        for event in read_events(feed.iter_content(None)):
            events.append(event)
            if event.event == "job_completed":
                break
    return events


@pytest.mark.parametrize("hours", [-1, 1])
def test_no_worker_counts_as_hung(owner: Person, clock_file: Path, hours: int) -> None:
    before = {worker.pid for worker in workers(owner.service)}
    test, gate = owner.upload_held()
    _set(clock_file, hours * HOUR)
    assert owner.processed()["status"] == "completed"
    gate.touch()
    assert owner.job_becomes(test["activeJob"]["jobId"], "completed")["errorCode"] is None
    assert {worker.pid for worker in workers(owner.service)} == before


def test_a_clock_set_back_during_a_step_does_not_spoil_the_estimate(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three jobs take two seconds each, one takes minus an hour."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with db.writing() as tx:
        for seconds in (2, 2, -HOUR, 2):
            _run(tx, monkeypatch, at, seconds)
        past = eta.past_jobs(tx, "k")
    costs = fit_step_costs(past, rows=100)
    assert {round(cost.seconds(100), 1) for cost in costs.steps.values()} == {2.0}


def _run(tx: Any, monkeypatch: pytest.MonkeyPatch, at: datetime, seconds: float) -> Job:
    moments = [at + timedelta(seconds=seconds * n) for n in range(4)]

    def set_time(number: int) -> None:
        monkeypatch.setattr(clock, "wall", lambda: moments[number])

    set_time(0)
    job = add_test(tx)
    claim(tx)
    for step in (1, 2):
        set_time(step - 1)
        lifecycle.advance(tx, job.job_id, "w", progress(step, 10, 100))
    set_time(2)
    lifecycle.complete(tx, job.job_id, "w")
    return job_queries.get(tx, job.job_id)


def test_events_and_lists_keep_their_order(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    ids = []
    for hours in (0, -1, -2, 3):
        monkeypatch.setattr(clock, "wall", lambda hours=hours: at + timedelta(hours=hours))
        with db.writing() as tx:
            ids.append(add_test(tx).job_id)
    with db.writing() as tx:
        listed = [job.job_id for job in job_pages.page(tx, JobFilter(), limit=10).jobs]
        assert listed == ids[::-1]
        assert [claim(tx).job_id for _ in ids] == ids
        event_ids = [
            json.loads(event.data)["jobId"] for event in event_log.read_after(tx, 0, limit=4)
        ]
    assert event_ids == ids


def test_a_cancelled_pending_job_ends_whatever_the_clock_does(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        over = lifecycle.request_cancel(tx, job_id, by="kim", reason=None, deadline=MINUTE)
    assert over.finished_at is not None
    assert over.started_at is None
