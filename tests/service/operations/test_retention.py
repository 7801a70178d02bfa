"""Old and surplus rows are pruned in small steps; what is needed stays."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update

from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import creation, lifecycle, log
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.operations import retention
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.retention import RetentionPolicy
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.storage import tables as t
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.settings import Settings
from etl_monitor.wire.job import Job, JobStatus, LogLine
from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.records import MINUTE, add_test, claim
from tests.support.scripted import SETTING, Script
from tests.support.service_process import RunningService, running_service

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LONG = timedelta(days=1000)
ALL = RetentionPolicy(
    events=10**6,
    events_age=LONG,
    jobs=10**6,
    jobs_age=LONG,
    activity=10**6,
    activity_age=LONG,
)


def _policy(**other: Any) -> RetentionPolicy:
    return RetentionPolicy(**{**vars(ALL), **other})


def _append(db: Database, count: int) -> None:
    with db.writing() as tx:
        for _ in range(count):
            event_log.append(tx, "job_progress", "{}", job_id="j")


def _positions(db: Database) -> list[int]:
    with db.reading() as tx:
        return list(tx.execute(select(t.events.c.position).order_by("position")).scalars())


def _days_ago(days: float) -> datetime:
    return now() - timedelta(days=days)


def test_the_newest_events_stay(db: Database) -> None:
    _append(db, 30)
    assert retention.prune_events(db, _policy(events=12)) == 18
    assert retention.prune_events(db, _policy(events=12)) == 0
    assert _positions(db) == list(range(19, 31))
    with db.reading() as tx:
        assert (event_log.position(tx), event_log.oldest(tx)) == (30, 19)


def test_old_events_are_pruned(db: Database) -> None:
    _append(db, 20)
    with db.writing() as tx:
        old = update(t.events).where(t.events.c.position <= 7)
        tx.execute(old.values(at=_days_ago(40)))
    assert retention.prune_events(db, _policy(events_age=timedelta(days=30))) == 7
    assert _positions(db) == list(range(8, 21))


def test_a_clock_that_was_set_back_makes_no_gap(db: Database) -> None:
    _append(db, 10)
    with db.writing() as tx:
        middle = update(t.events).where(t.events.c.position.between(4, 6))
        tx.execute(middle.values(at=_days_ago(40)))
    assert retention.prune_events(db, _policy(events_age=timedelta(days=30))) == 0
    assert _positions(db) == list(range(1, 11))


def test_steps_are_small(db: Database) -> None:
    _append(db, retention.STEP + 50)
    assert retention.prune_events(db, _policy(events=10)) == retention.STEP
    assert retention.prune_events(db, _policy(events=10)) == 40


def _act(db: Database, *days_ago: float) -> None:
    entry = {"actor": "kim", "role": "admin", "action": "cancel", "outcome": "done"}
    with db.writing() as tx:
        tx.execute(insert(t.activity), [{**entry, "at": _days_ago(days)} for days in days_ago])


def _entries(db: Database) -> list[int]:
    with db.reading() as tx:
        return list(tx.execute(select(t.activity.c.id).order_by(t.activity.c.id)).scalars())


def test_old_activity_is_pruned(db: Database) -> None:
    _act(db, 400, 390, 1)
    assert retention.prune_activity(db, _policy(activity_age=timedelta(days=365))) == 2
    assert retention.prune_activity(db, _policy(activity_age=timedelta(days=365))) == 0
    assert _entries(db) == [3]


def test_the_newest_activity_stays_and_the_rest_is_pruned_in_small_steps(db: Database) -> None:
    _act(db, *[0] * (retention.STEP + 50))
    assert retention.prune_activity(db, _policy(activity=retention.STEP + 50)) == 0
    few = _policy(activity=10)
    assert [retention.prune_activity(db, few) for _ in range(3)] == [retention.STEP, 40, 0]
    assert _entries(db) == list(range(retention.STEP + 41, retention.STEP + 51))


def _attempts(db: Database, count: int, *, days_ago: float = 0) -> list[str]:
    """Add cancelled jobs of one test. Returns their ids, oldest first."""
    ids: list[str] = []
    with db.writing() as tx:
        job = add_test(tx)
        for number in range(count):
            if number:
                test = result_queries.test_row(tx, job.test_id or "")
                job = creation.create(tx, test, requested_by="kim", step_count=2)
            ids.append(job.job_id)
            lifecycle.request_cancel(tx, job.job_id, by="kim", reason=None, deadline=MINUTE)
            statement = update(t.jobs).where(t.jobs.c.job_id == job.job_id)
            tx.execute(statement.values(finished_at=_days_ago(days_ago)))
    return ids


def _ids(db: Database) -> set[str]:
    with db.reading() as tx:
        return set(tx.execute(select(t.jobs.c.job_id)).scalars())


def test_old_jobs_are_pruned_except_each_tests_newest(db: Database) -> None:
    old, young = _attempts(db, 4, days_ago=400), _attempts(db, 2)
    year = _policy(jobs_age=timedelta(days=365))
    assert retention.prune_jobs(db, year) == 3
    assert retention.prune_jobs(db, year) == 0
    assert _ids(db) == {old[-1], *young}


def test_the_job_of_the_results_stays(db: Database) -> None:
    with db.writing() as tx:
        job = claim_new(tx)
        lifecycle.complete(tx, job.job_id, "w")
        row = {"test_id": job.test_id, "job_id": job.job_id, "completed_at": now()}
        tx.execute(insert(t.results).values(**row, respondents=1))
        test = result_queries.test_row(tx, job.test_id or "")
        later = creation.create(tx, test, requested_by="kim", step_count=2)
        tx.execute(update(t.jobs).values(finished_at=_days_ago(400)))
    assert retention.prune_jobs(db, _policy(jobs_age=timedelta(days=365))) == 0
    assert _ids(db) == {job.job_id, later.job_id}


def claim_new(tx: Any) -> Job:
    add_test(tx)
    return claim(tx)


def test_surplus_jobs_are_pruned(db: Database) -> None:
    first, second = _attempts(db, 5), _attempts(db, 5)
    assert retention.prune_jobs(db, _policy(jobs=7)) == 3
    assert _ids(db) == {*first[3:], *second}
    assert retention.prune_jobs(db, _policy(jobs=7)) == 0
    assert retention.prune_jobs(db, _policy(jobs=1)) == 5, "each test's newest stays"
    assert _ids(db) == {first[-1], second[-1]}


def test_active_jobs_are_never_pruned(db: Database) -> None:
    with db.writing() as tx:
        running, waiting = add_test(tx).job_id, add_test(tx).job_id
        claim(tx)
    assert retention.prune_jobs(db, _policy(jobs=0, jobs_age=timedelta())) == 0
    assert _ids(db) == {running, waiting}


def test_a_pruned_job_loses_all_rows_and_its_removal_is_an_event(db: Database) -> None:
    old, newest_job = _attempts(db, 2, days_ago=400)
    with db.writing() as tx:
        log.write(tx, old, [LogLine(at=now(), level="info", message="a line")])
        newest = event_log.position(tx)
    retention.prune_jobs(db, _policy(jobs_age=timedelta(days=1)))
    with db.reading() as tx:
        (event,) = event_log.read_after(tx, newest, limit=10)
        assert tx.execute(select(t.job_log)).all() == []
        assert job_queries.family(tx, newest_job)[0].job_id == newest_job
    assert json.loads(event.data) == {"type": "job_removed", "jobId": old}


def test_a_jobs_log_has_only_its_newest_lines(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_LINES", 5)
    with db.writing() as tx:
        one, other = add_test(tx).job_id, add_test(tx).job_id
        log.write(tx, other, [LogLine(at=now(), level="info", message="of another job")])
        for begin in (0, 4, 8):
            numbers = range(begin, begin + 4)
            lines = [LogLine(at=now(), level="info", message=str(number)) for number in numbers]
            log.write(tx, one, lines)
        messages = [line.message for line in job_queries.detail(tx, one).log]
        assert len(job_queries.detail(tx, other).log) == 1
    assert messages == ["7", "8", "9", "10", "11"]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ages=st.lists(st.integers(0, 9), min_size=1, max_size=8),
    keep_jobs=st.integers(0, 12),
    keep_days=st.integers(0, 9),
)
def test_a_follower_knows_the_remaining_jobs_whatever_is_pruned(
    db: Database, ages: list[int], keep_jobs: int, keep_days: int
) -> None:
    """An earlier list plus the events since then is the current list, and each test has a job."""
    with db.writing() as tx:
        for table in (t.job_steps, t.job_log, t.jobs, t.tests, t.events):
            tx.execute(delete(table))
    for days in ages:
        _attempts(db, 2, days_ago=days)
    before = _ids(db)
    with db.reading() as tx:
        position = event_log.position(tx)
    policy = _policy(jobs=keep_jobs, jobs_age=timedelta(days=keep_days))
    while retention.prune_jobs(db, policy):
        pass
    with db.reading() as tx:
        removals = [json.loads(e.data) for e in event_log.read_after(tx, position, limit=1000)]
        tests = tx.execute(select(t.jobs.c.test_id).distinct()).all()
    removed = [removal["jobId"] for removal in removals]
    assert len(set(removed)) == len(removed)
    assert before - set(removed) == _ids(db)
    assert len(tests) == len(ages)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(root=tmp_path)
    folders.prepare()
    return folders


def test_files_of_unsuccessful_jobs_are_orphans(db: Database, folders: Folders) -> None:
    with db.writing() as tx:
        lost, running = claim_new(tx), claim_new(tx)
        lifecycle.request_cancel(tx, lost.job_id, by="kim", reason=None, deadline=MINUTE)
        lifecycle.end_cancelled(tx, lost.job_id, "w")
    running_files = [
        folders.root / "results" / f"{running.job_id}.parquet",
        folders.work_dir(running.job_id),
    ]
    orphans = [folders.root / "results" / f"{lost.job_id}.parquet", folders.work_dir(lost.job_id)]
    for scores in (running_files[0], orphans[0]):
        scores.write_bytes(b"scores")
    (orphans[1] / "rows.arrow").write_bytes(b"rows")
    (folders.root / "uploads" / "new.csv").write_bytes(b"its record is not written yet")
    for removed in (1, 0):
        assert registration.remove_orphans(db, folders) == removed
        assert registration.remove_work_of_ended_jobs(db, folders) == removed
    assert all(path.exists() for path in running_files)
    assert not any(path.exists() for path in orphans)
    assert len(list((folders.root / "uploads").iterdir())) == 1


@pytest.fixture
def housekeeper(db: Database, folders: Folders) -> Iterator[Housekeeper]:
    housekeeper = Housekeeper(db, folders, _policy(events=100), interval=0.05)
    yield housekeeper
    housekeeper.stop()


def test_other_writers_get_their_turn(db: Database, housekeeper: Housekeeper) -> None:
    with db.writing() as tx:
        rows = [{"position": n, "name": "", "data": "{}", "job_id": "j"} for n in range(1, 20_001)]
        tx.execute(insert(t.events), [row | {"at": now()} for row in rows])
        tx.execute(update(t.event_counter).values(position=20_000))
    housekeeper.start()
    written = 0
    while _oldest(db) < 15_000:
        _append(db, 1)
        written += 1
    assert written >= 15_000 / retention.STEP, "at least one write for each step"
    eventually(lambda: _are_pruned(db))
    assert housekeeper.removed["events"] == 19_900 + written


def _oldest(db: Database) -> int:
    with db.reading() as tx:
        return event_log.oldest(tx)


def _are_pruned(db: Database) -> None:
    assert len(_positions(db)) == 100


def test_pruning_resumes_after_a_database_outage(
    db: Database, database_url: str, folders: Folders, caplog: pytest.LogCaptureFixture
) -> None:
    _append(db, 150)
    caplog.set_level("INFO")
    own = Database(database_url, busy_timeout=0.05)
    housekeeper = Housekeeper(own, folders, _policy(events=100), interval=0.05)
    locker = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    housekeeper.start()
    eventually(lambda: _is_logged_once("database_outage_began", caplog))
    assert len(_positions(db)) == 150
    locker.execute("ROLLBACK")
    eventually(lambda: _are_pruned(db))
    eventually(lambda: _is_logged_once("database_outage_ended", caplog))
    housekeeper.stop()
    own.close()
    locker.close()


def _is_logged_once(event: str, caplog: pytest.LogCaptureFixture) -> None:
    assert [record.message for record in caplog.records].count(event) == 1


def test_the_retention_policy_comes_from_the_settings() -> None:
    policy = retention.retention_policy(
        Settings(keep_events=200, keep_jobs_days=0.5, keep_activity=300)
    )
    assert (policy.events, policy.jobs_age, policy.activity) == (200, timedelta(hours=12), 300)
    assert policy.activity_age == timedelta(days=365)


SMALL = SETTING | {
    "ETL_MONITOR_WORKERS": "1",
    "ETL_MONITOR_KEEP_EVENTS": "100",
    "ETL_MONITOR_KEEP_JOBS_DAYS": "1",
}


@pytest.mark.long
def test_a_service_prunes_and_resets_followers_left_behind(tmp_path: Path) -> None:
    with running_service(tmp_path / "data", env=SMALL) as first:
        kim = Person(service=first, user_id="kim", folder=tmp_path)
        test = kim.processed(Script(rows=7))
        old = kim.upload(Script(fail=True))["activeJob"]["jobId"]
        kim.job_becomes(old, "failed")
        retried = first.data("POST", f"/etl/jobs/{old}/retry")["jobId"]
        kim.job_becomes(retried, "failed")
    with sqlite3.connect(tmp_path / "data" / "etl.sqlite") as database:
        database.execute("UPDATE jobs SET finished_at = '2000-01-01 00:00:00.000'")
        _fill_with_events(database, range(1000, 1500))
    database.close()
    (tmp_path / "data" / "results" / "orphan").touch()
    with running_service(tmp_path / "data", env=SMALL) as second:
        kim = Person(service=second, user_id="kim", folder=tmp_path)
        eventually(lambda: _is_gone(second, old))
        assert second.data("GET", f"/etl/jobs/{retried}")["status"] == JobStatus.FAILED
        assert kim.test(test["id"])["lastJob"]["jobId"] == test["lastJob"]["jobId"]
        assert second.call("GET", f"/tests/results/{test['id']}/scores").ok
        assert _first_event(second, last_event_id="1") == "event: feed_reset"
        metrics = second.call("GET", "/metrics").text
        assert 'etl_monitor_pruned_total{what="jobs"} 1.0' in metrics


def _fill_with_events(database: sqlite3.Connection, positions: range) -> None:
    made = [(n, "j", "job_progress", "{}", "2000-01-01 00:00:00.000") for n in positions]
    database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", made)
    database.execute("UPDATE event_counter SET position = ?", (positions[-1],))


def _is_gone(service: RunningService, job_id: str) -> None:
    assert service.call("GET", f"/etl/jobs/{job_id}").status_code == 404


def _first_event(service: RunningService, last_event_id: str) -> str:
    headers = {"Last-Event-ID": last_event_id}
    with service.call("GET", "/etl/jobs/stream", headers=headers, stream=True) as feed:
        lines: Iterator[str] = feed.iter_lines(decode_unicode=True)
        return next(line for line in lines if line.startswith("event:"))
