"""What the database keeps itself: counts of jobs and tests, the state of each test, how long jobs
ran, and how many ended in each hour.

After any history they equal what the tables say when they are read as a whole.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Row, Select, Table, delete, exists, insert, select
from sqlalchemy import func as sql

from etl_monitor.errors import PipelineError
from etl_monitor.service.jobs import creation, lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.copy import copy_rows
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.sql_time import seconds_between
from etl_monitor.service.storage.tables import (
    job_counts,
    job_ends,
    jobs,
    results,
    test_counts,
    tests,
)
from etl_monitor.wire.job import JobStatus
from tests.service.storage.test_migrations import insert_old_job
from tests.support.records import MINUTE, add_test, claim, progress

_OPERATIONS = 200


def check_derived(tx: Connection) -> None:
    _check_counts(tx, jobs, select(job_counts).where(job_counts.c.jobs != 0))
    _check_counts(tx, tests, select(test_counts).where(test_counts.c.tests != 0))
    _check_states(tx)
    _check_durations(tx)
    _check_progress(tx)
    _check_ends(tx)


def _check_counts(tx: Connection, table: Table, stored: Select[Any]) -> None:
    columns = (table.c.user_id, table.c.test_kind, table.c.status)
    counted = tx.execute(select(*columns, sql.count()).group_by(*columns)).all()
    assert sorted(map(tuple, tx.execute(stored))) == sorted(map(tuple, counted))


def _check_states(tx: Connection) -> None:
    newest = select(sql.max(jobs.c.sequence)).where(jobs.c.test_id == tests.c.test_id)
    is_active = jobs.c.status.in_(job_queries.ACTIVE)
    of_results = select(results.c.respondents).where(results.c.test_id == tests.c.test_id)
    states = select(
        tests,
        newest.scalar_subquery().label("newest"),
        exists().where(jobs.c.test_id == tests.c.test_id, is_active).label("is_active"),
        exists().where(results.c.test_id == tests.c.test_id).label("has_results"),
        of_results.scalar_subquery().label("of_results"),
    )
    rows = tx.execute(states).all()
    assert [row.newest_job for row in rows] == [row.newest for row in rows]
    assert [row.status for row in rows] == [_status(row) for row in rows]
    assert [row.respondents for row in rows] == [row.of_results for row in rows]


def _status(row: Row[Any]) -> str:
    if row.is_active:
        return "processing"
    return "completed" if row.has_results else "failed"


def _check_durations(tx: Connection) -> None:
    ran = seconds_between(jobs.c.started_at, jobs.c.finished_at)
    for stored, fresh in tx.execute(select(jobs.c.ran_seconds, ran)):
        assert stored == (None if fresh is None else pytest.approx(float(fresh), abs=0.001))


def _check_progress(tx: Connection) -> None:
    for row in tx.execute(select(jobs)):
        has_ended = JobStatus(row.status).is_final
        assert row.ended_progress == (row.progress if has_ended else None)


def _check_ends(tx: Connection) -> None:
    ends: Counter[tuple[Any, ...]] = Counter()
    for row in tx.execute(select(jobs).where(jobs.c.finished_at.is_not(None))):
        hour = row.finished_at.replace(minute=0, second=0, microsecond=0)
        ran = row.started_at is not None
        values = {"jobs": 1, "ran": int(ran), "rows": row.rows_done or 0}
        ends.update({(hour, row.status, name): value for name, value in values.items()})
    stored = tx.execute(select(job_ends)).all()
    columns = ("jobs", "ran", "rows")
    counted = {
        (row.hour, row.status, name): row._mapping[name] for row in stored for name in columns
    }
    assert +Counter(counted) == +ends


def _fail(tx: Connection, job_id: str) -> None:
    lifecycle.fail(tx, job_id, "w", PipelineError("bad", "Bad."))


def _complete(tx: Connection, job_id: str) -> None:
    """Complete the job and replace the results of its test."""
    test_id = job_queries.get(tx, job_id).test_id
    if lifecycle.complete(tx, job_id, "w"):
        tx.execute(delete(results).where(results.c.test_id == test_id))
        row = {"test_id": test_id, "job_id": job_id, "completed_at": now(), "respondents": 1}
        tx.execute(insert(results).values(row))


def _cancel(tx: Connection, job_id: str) -> None:
    lifecycle.request_cancel(tx, job_id, by="kim", reason=None, deadline=MINUTE)


def _process_again(tx: Connection, job_id: str) -> None:
    job = job_queries.get(tx, job_id)
    test_id = job.test_id or ""
    if job_queries.active_of_test(tx, test_id) is None:
        test = result_queries.test_row(tx, test_id)
        creation.create(tx, test, requested_by="kim", step_count=2, retry_of=job)


def _delete_test(tx: Connection, job_id: str) -> None:
    test_id = job_queries.get(tx, job_id).test_id or ""
    if job_queries.active_of_test(tx, test_id) is None:
        registration.delete_test(tx, test_id)


_OF_RUNNING: Mapping[str, Callable[[Connection, str], Any]] = {
    "advance": lambda tx, job_id: lifecycle.advance(tx, job_id, "w", progress(1, 40, 10)),
    "requeue": lambda tx, job_id: lifecycle.requeue(tx, job_id, "w"),
    "end_cancelled": lambda tx, job_id: lifecycle.end_cancelled(tx, job_id, "w"),
    "fail": _fail,
    "complete": _complete,
    "cancel": _cancel,
}
_OF_PENDING = {"cancel": _cancel, "promote": lifecycle.promote}
_OF_ENDED = {
    "process": _process_again,
    "remove": lifecycle.remove,
    "delete": _delete_test,
}


def operate(tx: Connection, chance: random.Random) -> None:
    ids = {status: _ids(tx, status) for status in JobStatus}
    ended = [job_id for status in JobStatus if status.is_final for job_id in ids[status]]
    choice = chance.random()
    if choice < 0.25:
        add_test(tx, user_id=chance.choice("abc"), kind=chance.choice("xy"))
    elif choice < 0.45 and ids[JobStatus.PENDING]:
        claim(tx)
    else:
        groups = ((ids[JobStatus.RUNNING], _OF_RUNNING), (ids[JobStatus.PENDING], _OF_PENDING))
        usable = [group for group in (*groups, (ended, _OF_ENDED)) if group[0]]
        if usable:
            found, operations = chance.choice(usable)
            operations[chance.choice([*operations])](tx, chance.choice(found))


def _ids(tx: Connection, status: JobStatus) -> list[str]:
    query = select(jobs.c.job_id).where(jobs.c.status == status).order_by(jobs.c.sequence)
    return list(tx.execute(query).scalars())


@pytest.mark.databases("sqlite", "postgresql")
@pytest.mark.parametrize("seed", range(3))
def test_it_is_true_after_any_history(db: Database, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(_OPERATIONS // 10):
        with db.writing() as tx:
            for _ in range(10):
                operate(tx, chance)
            check_derived(tx)


def test_a_copy_has_it(db: Database, tmp_path: Path) -> None:
    chance = random.Random(4)
    with db.writing() as tx:
        for _ in range(_OPERATIONS):
            operate(tx, chance)
        expected = count_by_status(tx)
    with closing(Database(sqlite_url(tmp_path / "copy.sqlite"))) as copy:
        copy_rows(db, copy)
        with copy.reading() as tx:
            check_derived(tx)
            assert count_by_status(tx) == expected


def test_the_data_of_an_older_version_get_it(database_url: str) -> None:
    with closing(Database(database_url)) as db:
        with db.writing() as tx:
            migrate.upgrade_to(tx, "0007")
            for number, status in enumerate(("completed", "failed", "running"), start=1):
                insert_old_job(tx, f"job {number}", number, status=status)
            ran = {"started_at": now(), "finished_at": now() + MINUTE}
            old: Table = jobs
            tx.execute(old.update().where(old.c.job_id == "job 1").values(**ran))
            row = {"test_id": "job 1", "job_id": "job 1", "completed_at": now(), "respondents": 1}
            tx.execute(insert(results).values(row))
        migrate.upgrade(db)
        with db.reading() as tx:
            check_derived(tx)
            states = dict(tx.execute(select(tests.c.test_id, tests.c.status)).all())
            assert states == {"job 1": "completed", "job 2": "failed", "job 3": "processing"}


def _writes(tx: Connection) -> tuple[int, int]:
    """Return how many changed rows of `jobs` this connection wrote, and how many of them without
    writing to an index (heap-only tuples)."""
    row = tx.exec_driver_sql(
        "SELECT pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid)"
        " FROM pg_class WHERE relname = 'jobs'"
    ).one()
    return row[0], row[1]


@pytest.mark.databases("postgresql")
def test_a_report_of_progress_writes_to_no_index(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx)
        claim(tx)
        lifecycle.advance(tx, job.job_id, "w", progress(1, 40, 10))
        written, without_index = _writes(tx)
        assert lifecycle.advance(tx, job.job_id, "w", progress(1, 41, 11))
        assert _writes(tx) == (written + 1, without_index + 1)
