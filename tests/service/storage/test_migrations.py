"""Alembic makes, from nothing, exactly the tables that the program works with."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import insert, text

from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import metadata, tests


def test_from_empty_to_the_tables(db: Database) -> None:
    with db.reading() as tx:
        assert compare_metadata(MigrationContext.configure(tx), metadata) == []


def test_again_changes_nothing(db: Database) -> None:
    migrate.upgrade(db)
    with db.reading() as tx:
        assert tx.execute(text("SELECT id, position FROM event_counter")).all() == [(1, 0)]


def test_they_are_one_line_without_branches() -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parents[1] / "migrations"))
    assert len(scripts.get_heads()) == 1


def test_a_database_of_a_newer_program_is_refused(db: Database) -> None:
    with db.writing() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CommandError):
        migrate.upgrade(db)


def test_the_database_is_in_write_ahead_mode_with_foreign_keys(db: Database) -> None:
    with db.reading() as tx:
        assert tx.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
        assert tx.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_numbers_go_on_from_the_tests_that_are_there(database_url: str) -> None:
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
