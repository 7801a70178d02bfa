"""A stored record that cannot be read does not take the others of its list along."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, text

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import ActivityFilter
from etl_monitor.service.errors import UnreadableStatistics
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.jobs.history import history
from etl_monitor.service.operations.job_metrics import JobMetrics
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.rows import UNREADABLE
from etl_monitor.service.storage.tables import jobs, results, tests
from etl_monitor.wire.job import Job
from tests.support.records import add_test

ODD = ("'odd'", "X'0c00000000000000'", "CAST(X'ff' AS TEXT)", "''")


def _break(tx: Connection, table: str, column: str, value: str, where: str) -> None:
    tx.execute(text("PRAGMA ignore_check_constraints = ON"))
    tx.execute(text(f'UPDATE {table} SET "{column}" = {value} WHERE {where}'))


def _jobs(tx: Connection) -> dict[str, Job]:
    page = job_pages.page(tx, JobFilter(), limit=9)
    return {job.job_id: job for job in page.jobs}


def _unread(table: str) -> float:
    return float(UNREADABLE.labels(table)._value.get())


STORED = {column.name for column in jobs.c if column.computed is None}
JOB_COLUMNS = STORED - {"job_id", "sequence", "test_id", "root_id"}


@pytest.mark.parametrize("column", sorted(JOB_COLUMNS))
def test_an_odd_job_leaves_the_list_and_is_shown(db: Database, column: str) -> None:
    for value in ODD:
        with db.writing() as tx:
            odd, good = add_test(tx), add_test(tx)
            before = _unread("jobs")
            _break(tx, "jobs", column, value, f"job_id = '{odd.job_id}'")
            listed = _jobs(tx)
            assert listed[good.job_id] == good
            shown = listed[odd.job_id]
            assert column == "title" or shown.title == odd.title
            if shown.unreadable is not None:
                assert _unread("jobs") > before
            job_queries.detail(tx, odd.job_id)
            tx.execute(text("DELETE FROM jobs"))


def test_an_odd_job_says_what_cannot_be_read(db: Database) -> None:
    with db.writing() as tx:
        odd = add_test(tx)
        _break(tx, "jobs", "created_at", "'yesterday'", "1")
        _break(tx, "jobs", "status", "'exploded'", "1")
        shown = job_queries.get(tx, odd.job_id)
    assert (shown.status, shown.title) == ("failed", odd.title)
    assert shown.unreadable is not None
    assert "exploded" in shown.unreadable or "yesterday" in shown.unreadable


RESULT_COLUMNS = [
    *(("tests", c.name) for c in tests.c if c.name not in ("test_id", "sample_key")),
    *(("results", c.name) for c in results.c if c.name != "test_id"),
]


@pytest.mark.parametrize(("table", "column"), RESULT_COLUMNS)
def test_an_odd_result_leaves_the_list_and_is_shown(db: Database, table: str, column: str) -> None:
    for number, value in enumerate(ODD):
        with db.writing() as tx:
            odd, good = _with_results(tx), _with_results(tx)
            other = result_queries.get(tx, good, "en")
            if (table, column) == ("tests", "user_id"):
                value = f"{value} || {number}"
            _break(tx, table, column, value, f"test_id = '{odd}'")
            page, _ = result_queries.page(tx, ResultFilter(), "en", limit=100)
            listed = {result.id: result for result in page}
            assert listed[good] == other
            assert odd in listed


def _with_results(tx: Connection) -> str:
    job = add_test(tx)
    values = f"'{job.test_id}', '{job.job_id}', '2026-11-27 10:00:00.000000', 12, '{{}}', NULL"
    columns = "test_id, job_id, completed_at, respondents, statistics, scores"
    tx.execute(text(f"INSERT INTO results ({columns}) VALUES ({values})"))
    return job.test_id or ""


def test_unreadable_statistics_are_a_named_error(db: Database) -> None:
    with db.writing() as tx:
        test_id = _with_results(tx)
        with pytest.raises(UnreadableStatistics):
            result_queries.statistics(tx, test_id)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("job_log", name) for name in ("at", "message", "level", "code", "details")),
        *(("job_steps", name) for name in ("name", "status", "rows_done", "started_at")),
        *(("activity", name) for name in ("at", "actor", "outcome", "details")),
    ],
)
def test_odd_lines_steps_and_entries_leave_their_lists(
    db: Database, tmp_path: Path, table: str, column: str
) -> None:
    for value in ODD:
        with db.writing() as tx:
            job = _ended(tx)
            _break(tx, table, column, value, "1")
            detail = job_queries.detail(tx, job.job_id)
            assert len(detail.log) == len(detail.steps) == 2
            assert len(activity_log.read(tx, ActivityFilter(), limit=9)) > 0
            _count_durations(tx)


def _ended(tx: Connection) -> Job:
    job = add_test(tx)
    lifecycle.claim(tx, "w", ["a", "b"])
    line: dict[str, Any] = {"at": "2026-11-27 10:00:00.000000", "level": "info", "message": "m"}
    for _ in range(2):
        tx.execute(
            text(
                "INSERT INTO job_log (job_id, at, level, message)"
                f" VALUES ('{job.job_id}', '{line['at']}', 'info', 'm')"
            )
        )
    tx.execute(
        text(
            "INSERT INTO activity (at, actor, role, action, outcome)"
            f" VALUES ('{line['at']}', 'kim', 'admin', 'upload', 'done')"
        )
    )
    lifecycle.complete(tx, job.job_id, "w")
    return job


def _count_durations(tx: Connection) -> None:
    JobMetrics(CollectorRegistry(), after=0).catch_up(tx)


def test_an_odd_job_leaves_the_history(db: Database) -> None:
    with db.writing() as tx:
        job = _ended(tx)
        stored = job_queries.get(tx, job.job_id)
        assert stored.started_at is not None
        _break(tx, "jobs", "status", "'exploded'", "1")
        since = stored.started_at.replace(microsecond=0)
        until = since.replace(year=since.year + 1)
        spans = history(tx, since, until).spans
    assert [span.job_id for span in spans] == [job.job_id]
