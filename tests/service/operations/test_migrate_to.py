"""A laptop's data on PostgreSQL: the same tests, jobs, scores, tokens, and feed position."""

from contextlib import closing
from pathlib import Path

import pytest

from etl_monitor.service.events import event_log
from etl_monitor.service.storage.database import Database
from tests.support.commands import command, command_here, opened
from tests.support.people import Person
from tests.support.records import add_test
from tests.support.scripted import SETTING, Script
from tests.support.servers import Server, new_database
from tests.support.service_process import RunningService, running_service

pytestmark = pytest.mark.long


def contents(service: RunningService) -> dict[str, object]:
    tests = service.data("GET", "/tests/results")
    listed = service.call("GET", "/etl/jobs")
    return {
        "tests": tests,
        "jobs": listed.json()["data"],
        "log": (listed.headers["X-Event-Log-Id"], listed.headers["X-Last-Event-Id"]),
        "scores": [
            service.call("GET", f"/tests/results/{test['id']}/scores").content for test in tests
        ],
        # Each download of scores is noted.
        "activity": [
            entry for entry in service.data("GET", "/activity") if entry["action"] != "download"
        ],
    }


def test_everything_is_taken_over_and_goes_on(postgres: Server, tmp_path: Path) -> None:
    laptop = tmp_path / "data"
    with running_service(laptop, env=SETTING) as service:
        person = Person(service=service, user_id="kim", folder=tmp_path)
        for rows in (20, 30, 40):
            person.processed(Script(rows=rows), title=f"{rows} rows")
        before = contents(service)
    url = new_database(postgres)
    assert "events up to" in command("migrate-to", url, "--data-dir", laptop)
    on_postgres = SETTING | {"ETL_MONITOR_DATABASE_URL": url}
    with running_service(laptop, env=on_postgres) as service:
        assert contents(service) == before
        person = Person(service=service, user_id="kim", folder=tmp_path)
        person.processed(Script(rows=25), title="New")
        titles = {test["title"] for test in service.data("GET", "/tests/results")}
    assert titles == {"20 rows", "30 rows", "40 rows", "New"}
    message = command_here("migrate-to", url, "--data-dir", laptop, expected=2)
    assert "is older than the files there" in message, "SQLite has not changed since"


def test_a_backup_of_postgresql_is_restored_into_either_database(
    postgres: Server, tmp_path: Path
) -> None:
    backup, first = tmp_path / "backup.tar", {"ETL_MONITOR_DATABASE_URL": new_database(postgres)}
    with running_service(tmp_path / "data", env=SETTING | first) as service:
        person = Person(service=service, user_id="kim", folder=tmp_path)
        person.processed(Script(rows=20), title="One")
        command_here("backup", backup, "--data-dir", tmp_path / "data", env=first)
        before = contents(service)
    second = {"ETL_MONITOR_DATABASE_URL": new_database(postgres)}
    for name, env in (("sqlite", {}), ("postgresql", second)):
        command_here("restore", backup, "--data-dir", tmp_path / name, env=env)
        with running_service(tmp_path / name, env=SETTING | env) as service:
            after = contents(service)
            assert after.pop("log") != before["log"]
            assert after == {key: value for key, value in before.items() if key != "log"}


def test_a_database_with_data_is_not_overwritten(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    used = new_database(postgres, migrated_postgres)
    with closing(Database(used)) as db, db.writing() as tx:
        event_log.prepare(tx)
        add_test(tx)
    with opened(tmp_path / "data") as service, service.db.writing() as tx:
        add_test(tx)
    message = command_here("migrate-to", used, "--data-dir", tmp_path / "data", expected=2)
    assert "has data" in message


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("mysql://db/etl", "postgresql+psycopg://"),
        ("postgresql+psycopg://etl:s3cret@127.0.0.1:9/etl", "cannot be used"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(tmp_path: Path, url: str, text: str) -> None:
    with opened(tmp_path / "data"):
        pass
    message = command_here("migrate-to", url, "--data-dir", tmp_path / "data", expected=2)
    assert text in message
    assert "s3cret" not in message
