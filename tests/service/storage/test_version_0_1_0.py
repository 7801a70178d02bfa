"""A database of version 0.1.0 is migrated whole, with SQLite and with PostgreSQL.

`version_0_1_0.json` has the rows that a service of that version wrote: three of its samples, scored
again, failed twice and cancelled; the others were deleted. Of the events it has the newest 60.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Connection, DateTime, MetaData, Table, delete, insert, select
from sqlalchemy import func as sql

from etl_monitor.service.access import tokens
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results.filter import ResultFilter
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.tables import metadata
from tests.service.storage.test_derived import check_derived
from tests.support.records import add_test
from tests.support.servers import new_database

REVISION = "0007"  # of version 0.1.0
Rows = Sequence[Mapping[str, Any]]
OLD: Mapping[str, Rows] = json.loads(
    Path(__file__).with_name("version_0_1_0.json").read_text("utf-8")
)


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with the rows of version 0.1.0, migrated."""
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "etl.sqlite")
    else:
        url = new_database(request.getfixturevalue("postgres"))
    with closing(Database(url)) as db:
        with db.writing() as tx:
            migrate.upgrade_to(tx, REVISION)
            for name, rows in OLD.items():
                _insert(tx, Table(name, MetaData(), autoload_with=tx), rows)
        migrate.upgrade(db)
        yield db


def _insert(tx: Connection, table: Table, rows: Rows) -> None:
    """Insert rows as SQLite stores them, instead of those that the migration has made."""
    tx.execute(delete(table))
    for row in rows:
        values = {name: _value(table, name, value) for name, value in row.items()}
        stored = {name: value for name, value in values.items() if value is not None}
        tx.execute(insert(table).values(stored))


def _value(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if value is None or isinstance(kind, Boolean):
        return None if value is None else bool(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(f"{value}+00:00")
    return json.loads(value) if isinstance(kind, JSON) else value


def test_no_row_is_lost(db: Database) -> None:
    with db.reading() as tx:
        counts = {
            name: tx.execute(select(sql.count()).select_from(metadata.tables[name])).scalar_one()
            for name in OLD
        }
    assert counts == {name: len(rows) for name, rows in OLD.items()}


def test_the_jobs_are_what_they_were(db: Database) -> None:
    with db.reading() as tx:
        page = job_pages.page(tx, JobFilter(), limit=9)
    old = {row["job_id"]: row for row in OLD["jobs"]}
    assert [job.job_id for job in page.jobs] == sorted(old, key=lambda i: -old[i]["born"])
    for job in page.jobs:
        row = old[job.job_id]
        assert (job.status.value, job.progress, job.attempt, job.title, job.retry_of) == tuple(
            row[name] for name in ("status", "progress", "attempt", "title", "retry_of")
        )
        assert job.finished_at == datetime.fromisoformat(f"{row['finished_at']}+00:00")


def test_a_jobs_steps_log_and_error_are_there(db: Database) -> None:
    failed = next(row for row in OLD["jobs"] if row["attempt"] == 2)
    with db.reading() as tx:
        detail = job_queries.detail(tx, failed["job_id"])
    of_job = [row for row in OLD["job_log"] if row["job_id"] == failed["job_id"]]
    assert [line.message for line in detail.log] == [row["message"] for row in of_job]
    assert [step.status.value for step in detail.steps].count("failed") == 1
    assert (detail.error_code, detail.error_details) == (
        failed["error_code"],
        json.loads(failed["error_details"]),
    )
    assert [job.attempt for job in detail.family] == [1, 2]


def test_the_results_are_there_with_their_documents(db: Database) -> None:
    with db.reading() as tx:
        found, _ = result_queries.page(tx, ResultFilter(), "ko", limit=9)
    old = {row["test_id"]: row for row in OLD["results"]}
    shown = {result.id: result for result in found}
    assert set(shown) == {row["test_id"] for row in OLD["tests"]}
    for test_id, row in old.items():
        assert shown[test_id].status.value == "completed"
        assert shown[test_id].respondents == row["respondents"]
        assert len(shown[test_id].documents) == 2
    assert [shown[i].status.value for i in shown.keys() - old.keys()] == ["failed"]


def test_the_feed_goes_on_at_each_position(db: Database) -> None:
    old, first = OLD["events"], OLD["events"][0]["position"]
    with db.writing() as tx:
        assert event_log.log_id(tx) == OLD["meta"][0]["value"]
        read = event_log.read_after(tx, first - 1, limit=99)
        assert [(e.position, e.name, e.data) for e in read] == [
            (row["position"], row["name"], row["data"]) for row in old
        ]
        add_test(tx)
        assert event_log.read_after(tx, old[-1]["position"], limit=1)[0].position == (
            old[-1]["position"] + 1
        )


def test_tokens_numbers_and_what_the_database_counts(db: Database) -> None:
    with db.writing() as tx:
        assert [(record.name, record.role) for record in tokens.records(tx)] == [
            ("night", "operator")
        ]
        check_derived(tx)
        last = {row["user_id"]: row["last"] for row in OLD["numbers"]}
        assert add_test(tx, user_id="lee.junho").anp_seq == last["lee.junho"] + 1
