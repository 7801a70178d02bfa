"""Blocks of jobs and of the activity log, so that only changed blocks are counted again, and an
index of trigrams over the texts of the activity log.

The database keeps both itself, by triggers, whatever writes the rows. On PostgreSQL the index needs
the extension `pg_trgm`, as that of revision 0017 does.
"""

# ruff: noqa: S608  # all names are constants

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0020"
down_revision = "0019"

_ROWS = 2048  # of a block; then new rows begin the next one
_STAMP = {"sqlite": "random()", "postgresql": "(random() * 9007199254740991)::bigint"}
_LEAST = {"sqlite": "min", "postgresql": "least"}
_GREATEST = {"sqlite": "max", "postgresql": "greatest"}

# What the filters of jobs and their search texts read. Times are those of the history.
_OF_JOBS = (
    *("test_id", "user_id", "title", "test_kind", "status", "current_step", "requested_by"),
    *("error_code", "error_message", "created_at", "started_at", "finished_at"),
)
_OF_TESTS = ("newest_job", "status", "user_id", "title", "test_kind")
_OF_ACTIVITY = (
    *("at", "actor", "action", "outcome", "code", "reason", "job_id", "new_job_id", "test_id"),
    "title",
)
# As `access/activity_search.py` has them.
_TEXTS = ("actor", "title", "reason", "code", "job_id", "new_job_id", "test_id")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _make_blocks(dialect, "job_blocks", "jobs", "sequence", "created_at", _OF_JOBS)
    _make_blocks(dialect, "activity_blocks", "activity", "id", "at", _OF_ACTIVITY)
    # A test is found by its newest job, and counted in the block of that job.
    touches = [_touch(dialect, "job_blocks", f"{row}.newest_job") for row in ("old", "new")]
    changing = ", ".join(_OF_TESTS)
    when = _is_changed(dialect, _OF_TESTS)
    _trigger("job_blocks_tests", f"UPDATE OF {changing} ON tests", *touches, when=when)
    if dialect == "sqlite":
        _index_texts()
    else:
        _index_texts_by_extension()


def _make_blocks(
    dialect: str, blocks: str, table: str, key: str, at: str, changing: tuple[str, ...]
) -> None:
    op.create_table(
        blocks,
        sa.Column("first_key", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True)),
        sa.Column("last_at", sa.DateTime(timezone=True)),
    )
    stamp = _STAMP[dialect]
    op.execute(
        f"INSERT INTO {blocks} (first_key, stamp, rows, first_at, last_at)"
        f" SELECT CASE WHEN block = 0 THEN 0 ELSE min({key}) END, {stamp}, count(*),"
        f" min({at}), max({at}) FROM"
        f" (SELECT {key}, {at}, (row_number() OVER (ORDER BY {key}) - 1) / {_ROWS} AS block"
        f" FROM {table}) numbered GROUP BY block"
    )
    touch = _touch(dialect, blocks, f"new.{key}", at)
    values = f"{stamp}, 0, new.{at}, new.{at}"
    newest = f"(SELECT max(first_key) FROM {blocks})"
    _trigger(
        f"{blocks}_insert",
        f"INSERT ON {table}",
        f"INSERT INTO {blocks} (first_key, stamp, rows, first_at, last_at)"
        f" SELECT 0, {values} WHERE NOT EXISTS (SELECT 1 FROM {blocks})",
        f"INSERT INTO {blocks} (first_key, stamp, rows, first_at, last_at)"
        f" SELECT new.{key}, {values} FROM {blocks} b WHERE b.first_key = {newest}"
        f" AND b.rows >= {_ROWS} AND b.first_key < new.{key}",
        touch.replace(" SET ", " SET rows = rows + 1, "),
    )
    _trigger(
        f"{blocks}_update",
        f"UPDATE OF {', '.join(changing)} ON {table}",
        touch,
        when=_is_changed(dialect, changing),
    )
    _trigger(
        f"{blocks}_delete",
        f"DELETE ON {table}",
        _touch(dialect, blocks, f"old.{key}").replace(" SET ", " SET rows = rows - 1, "),
        f"DELETE FROM {blocks} WHERE rows <= 0 AND first_key > 0 AND first_key < {newest}",
    )


def _touch(dialect: str, blocks: str, key: str, at: str | None = None) -> str:
    """Return the SQL that gives the block of a row a new stamp, and lets its times contain that of
    the new row."""
    times = ""
    if at is not None:
        first, last = (f"coalesce({name}, new.{at})" for name in ("first_at", "last_at"))
        times = f", first_at = {_LEAST[dialect]}({first}, new.{at})"
        times += f", last_at = {_GREATEST[dialect]}({last}, new.{at})"
    block = f"(SELECT max(first_key) FROM {blocks} WHERE first_key <= {key})"
    return f"UPDATE {blocks} SET stamp = {_STAMP[dialect]}{times} WHERE first_key = {block}"


def _is_changed(dialect: str, names: tuple[str, ...]) -> str:
    differs = "IS NOT" if dialect == "sqlite" else "IS DISTINCT FROM"
    return " OR ".join(f"old.{name} {differs} new.{name}" for name in names)


def _index_texts() -> None:
    """As for jobs (migration 0011): line feeds end each field."""
    table = "activity_search"
    op.execute(f"CREATE VIRTUAL TABLE {table} USING fts5(text, content='', tokenize='trigram')")
    op.execute(f"CREATE VIRTUAL TABLE {table}_trigrams USING fts5vocab({table}, 'row')")
    add = f"INSERT INTO {table} (rowid, text) VALUES (new.id, {_text('new.')})"
    remove = (
        f"INSERT INTO {table} ({table}, rowid, text) VALUES ('delete', old.id, {_text('old.')})"
    )
    _trigger(f"{table}_insert", "INSERT ON activity", add)
    _trigger(f"{table}_delete", "DELETE ON activity", remove)
    event = f"UPDATE OF {', '.join(_TEXTS)} ON activity"
    _trigger(f"{table}_update", event, remove, add, when=_is_changed("sqlite", _TEXTS))
    op.execute(f"INSERT INTO {table} (rowid, text) SELECT id, {_text('')} FROM activity")


def _text(row: str) -> str:
    end = " || char(10) || char(10)"
    return f"{end} || ".join(f"coalesce({row}{name}, '')" for name in _TEXTS) + end


def _index_texts_by_extension() -> None:
    # As `access/activity_search.py` writes it, or PostgreSQL would not recognise its index.
    text = " || chr(10) || ".join(f"coalesce({name}, '')" for name in _TEXTS)
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            op.execute(
                f"CREATE INDEX activity_by_text ON activity USING gin (({text}) gin_trgm_ops)"
            )
    except DBAPIError:  # not installed on the server, or not allowed
        return


def _trigger(name: str, event: str, *statements: str, when: str | None = None) -> None:
    body = "; ".join(statements)
    if op.get_bind().dialect.name == "sqlite":
        condition = f"WHEN {when} " if when else ""
        op.execute(f"CREATE TRIGGER {name} AFTER {event} {condition}BEGIN {body}; END")
        return
    condition = f"WHEN ({when}) " if when else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW {condition}EXECUTE FUNCTION {name}()"
    )
