"""The migrations make exactly the tables that the program uses, and carry old data over."""

import unicodedata
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, insert, inspect, text

from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs, metadata, tests
from tests.support.records import add_test
from tests.support.servers import Server, new_database


def test_an_empty_database_gets_the_tables(db: Database) -> None:
    """Besides these there are the tables of the full-text index, which SQLite makes."""

    def is_ours(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or not (name or "").startswith(("job_search", "activity_search"))

    with db.reading() as tx:
        context = MigrationContext.configure(tx, opts={"include_name": is_ours})
        assert compare_metadata(context, metadata) == []


def test_a_second_upgrade_changes_nothing(db: Database) -> None:
    migrate.upgrade(db)
    with db.reading() as tx:
        assert tx.execute(text("SELECT id, position FROM event_counter")).all() == [(1, 0)]


def test_the_migrations_have_one_head() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parents[1] / "migrations"))
    assert scripts.get_heads() == [migrate.newest_revision()]


def test_a_database_of_a_newer_version_is_rejected(db: Database) -> None:
    with db.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerDatabase):
        migrate.upgrade(db)


def test_the_database_is_in_write_ahead_mode_with_foreign_keys(db: Database) -> None:
    with db.reading() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert tx.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_an_event_is_on_the_disk_before_its_number_is_sent(db: Database) -> None:
    """Checks SQLite's setting, since no test can cut the power."""
    full = 2
    for transaction in (db.reading, db.writing):
        with transaction() as tx:
            assert tx.exec_driver_sql("PRAGMA synchronous").scalar_one() == full


def test_test_numbers_continue_after_the_existing_tests(database_url: str) -> None:
    db = Database(database_url)
    with db.writing() as tx:
        migrate.upgrade_to(tx, "0004")
        for number in (3, 7):
            names = {"test_id": str(number), "user_id": "kim", "title": "t", "test_kind": "k"}
            files = {"file_name": "f", "source": "s"}
            query = insert(tests).values(**names, **files, anp_seq=number, created_at=now())
            tx.execute(query)
    migrate.upgrade(db)
    with db.reading() as tx:
        assert tx.execute(text("SELECT user_id, last FROM numbers")).all() == [("kim", 7)]
    db.close()


def test_the_jobs_of_an_older_version_keep_their_order(database_url: str) -> None:
    """Until revision 0007 the column `sequence` was called `sequence`."""
    db = Database(database_url)
    with db.writing() as tx:
        migrate.upgrade_to(tx, "0007")
        for name, sequence in (("second", 4), ("first", 2)):
            insert_old_job(tx, name, sequence)
        tx.execute(text("UPDATE event_counter SET position = 4"))
    migrate.upgrade(db)
    with db.writing() as tx:
        old = job_pages.page(tx, JobFilter(), limit=9).jobs
        assert [job.job_id for job in old] == ["second", "first"]
        new = add_test(tx)
        assert job_pages.page(tx, JobFilter(), limit=9).jobs == [new, *old]
    db.close()


def test_the_indexes_follow_the_renamed_column(database_url: str) -> None:
    db = Database(database_url)
    with db.writing() as tx:
        migrate.upgrade_to(tx, "0007")
        insert_old_job(tx, "job", 1)
    migrate.upgrade(db)
    expected = {index.name: [column.name for column in index.columns] for index in jobs.indexes}
    with db.reading() as tx:
        indexes = {
            index["name"]: index["column_names"] for index in inspect(tx).get_indexes("jobs")
        }
        (unique,) = inspect(tx).get_unique_constraints("jobs")
        query = text("EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE status = 'x' ORDER BY sequence")
        plan = str(tx.execute(query).all())
    db.close()
    assert indexes == expected
    assert unique["column_names"] == ["sequence"]
    assert "jobs_by_status" in plan
    assert "TEMP B-TREE" not in plan


def insert_old_job(tx: Connection, name: str, sequence: int, *, status: str = "completed") -> None:
    """Insert a job of revision 0007 with its test."""
    names = {"test_id": name, "user_id": "kim", "title": "t", "test_kind": "k", "anp_seq": sequence}
    file = {"file_name": "f", "source": name, "created_at": now()}
    tx.execute(insert(tests).values(**names, **file))
    old_jobs = Table("jobs", MetaData(), autoload_with=tx)
    job = {
        "job_id": name,
        "root_id": name,
        "born": sequence,
        "status": status,
        "progress": 100,
    }
    job |= {"current_step": "", "attempt": 1, "requested_by": "kim", "forced": False}
    tx.execute(insert(old_jobs).values(**names, **job, created_at=now(), updated_at=now()))


def test_names_of_macos_are_joined_with_those_of_others(database_url: str) -> None:
    composed, decomposed = "김서울", unicodedata.normalize("NFD", "김서울")
    only_decomposed = unicodedata.normalize("NFD", "박부산")
    db = Database(database_url)
    with db.writing() as tx:
        migrate.upgrade_to(tx, "0008")
        people = ((composed, 1), (composed, 2), (decomposed, 1), (only_decomposed, 1))
        for number, (person, seq) in enumerate(people):
            values = {"id": str(number), "person": person, "seq": seq, "title": decomposed}
            tx.execute(
                text(
                    "INSERT INTO tests (test_id, user_id, anp_seq, title, test_kind, file_name,"
                    " source, created_at) VALUES (:id, :person, :seq, :title, 'k', 'f', 's',"
                    " '2026-11-27 10:00:00')"
                ),
                values,
            )
        for person, last in ((composed, 2), (decomposed, 5), (only_decomposed, 1)):
            row = {"person": person, "last": last}
            tx.execute(text("INSERT INTO numbers (user_id, last) VALUES (:person, :last)"), row)
    migrate.upgrade(db)
    with db.reading() as tx:
        stored = tx.execute(text("SELECT user_id, anp_seq, title FROM tests ORDER BY test_id"))
        assert stored.all() == [
            (composed, 1, composed),
            (composed, 2, composed),
            (composed, 3, composed),
            ("박부산", 1, composed),
        ]
        counters = tx.execute(text("SELECT user_id, last FROM numbers ORDER BY last"))
        assert counters.all() == [("박부산", 1), (composed, 7)]
    db.close()


@pytest.mark.parametrize("user", ["postgres", "plain"])
def test_jobs_have_an_index_of_trigrams_where_its_extension_may_be_created(
    postgres: Server, user: str
) -> None:
    """Else the tables are made without it, and a search compares texts."""
    url = new_database(postgres)
    if user == "plain":
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE plain LOGIN")
            connection.execute("GRANT ALL ON SCHEMA public TO plain")
    with closing(Database(url.replace("//postgres@", f"//{user}@"))) as db:
        migrate.upgrade(db)
        with db.writing() as tx:
            add_test(tx, title="부산 인턴")
            names = {index["name"] for index in inspect(tx).get_indexes("jobs")}
        assert ("jobs_by_text" in names) == (user == "postgres")
        with db.reading() as tx:
            assert job_pages.page(tx, JobFilter(q=("인턴 부산",)), limit=9).total == 1
            assert job_pages.page(tx, JobFilter(q=("서울",)), limit=9).total == 0
