from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.fixed_sql import FixedStatement
from etl_monitor.service.storage.tables import events

_COLUMNS = ("position", "name", "data", "job_id", "at")
_INSERT = FixedStatement(insert(events), _COLUMNS)
_OLD = (events.c.name == "old", events.c.job_id == bindparam("of_job"))
_RENAME = FixedStatement(update(events).where(*_OLD).values(name="new"))
_MOVE = FixedStatement(
    update(events).values(position=events.c.position + bindparam("by")).returning(events.c.position)
)
_AT = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=9)))
_ROW = {"position": 7, "name": "old", "data": "오류", "job_id": "a", "at": _AT}


def _rows(tx: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.execute(select(events)).mappings()]


def _write(db: Database, *rows: dict[str, Any]) -> None:
    with db.writing() as tx:
        for row in rows:
            _INSERT.execute(tx, row)


def test_it_writes_what_sqlalchemy_reads(db: Database) -> None:
    with db.writing() as tx:
        assert _INSERT.execute(tx, _ROW) == 1
        assert _rows(tx) == [{**_ROW, "at": _AT.astimezone(UTC)}]


def test_it_returns_how_many_rows_changed_and_what_they_are(db: Database) -> None:
    with db.writing() as tx:
        _INSERT.execute(tx, _ROW)
        assert _RENAME.execute(tx, {"of_job": "b"}) == 0
        assert _RENAME.execute(tx, {"of_job": "a"}) == 1
        assert _MOVE.returned(tx, {"by": 3}) == 10
        assert _rows(tx)[0]["name"] == "new"


def test_an_error_is_one_of_sqlalchemy_and_the_next_transaction_works(db: Database) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        _write(db, _ROW, _ROW)
    with db.reading() as tx:
        assert _rows(tx) == []
    _write(db, _ROW)
    _write(db, {**_ROW, "position": 8})
    with db.reading() as tx:
        assert len(_rows(tx)) == 2


def test_a_closed_database_leaves_no_log_of_its_writes(db: Database) -> None:
    if not db.is_sqlite:
        pytest.skip("PostgreSQL has no file for each database")
    with db.writing() as tx:
        path = tx.execute(
            text("SELECT file FROM pragma_database_list WHERE name = 'main'")
        ).scalar_one()
    db.close()
    assert not Path(f"{path}-wal").exists()
