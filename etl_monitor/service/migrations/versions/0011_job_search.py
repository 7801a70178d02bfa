"""A full-text index of trigrams over the jobs, kept by triggers. On SQLite only."""

from alembic import op

revision = "0011"
down_revision = "0010"

_FIELDS = (
    *("job_id", "test_id", "title", "user_id", "requested_by", "test_kind", "current_step"),
    *("error_code", "error_message"),
)
_CHANGING = ("title", "user_id", "test_kind", "current_step", "error_code", "error_message")


def _text(row: str) -> str:
    """Return the SQL of a job's text. Line feeds end each field, so that its last characters have
    trigrams too, and no word goes from one field into the next."""
    fields = " || char(10) || char(10) || ".join(f"coalesce({row}{name}, '')" for name in _FIELDS)
    return f"{fields} || char(10) || char(10)"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("CREATE VIRTUAL TABLE job_search USING fts5(text, content='', tokenize='trigram')")
    op.execute("CREATE VIRTUAL TABLE job_search_trigrams USING fts5vocab(job_search, 'row')")
    into = "INSERT INTO job_search"
    add = f"{into} (rowid, text) VALUES (new.sequence, {_text('new.')})"
    old = f"'delete', old.sequence, {_text('old.')}"
    remove = f"{into} (job_search, rowid, text) VALUES ({old})"
    values = f"sequence, {_text('')} FROM jobs"
    is_changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in _CHANGING)
    changing = ", ".join(_CHANGING)
    for sql in (
        f"CREATE TRIGGER job_search_insert AFTER INSERT ON jobs BEGIN {add}; END",
        f"CREATE TRIGGER job_search_delete AFTER DELETE ON jobs BEGIN {remove}; END",
        f"CREATE TRIGGER job_search_update AFTER UPDATE OF {changing} ON jobs "
        f"WHEN {is_changed} BEGIN {remove}; {add}; END",
        f"{into} (rowid, text) SELECT {values}",
    ):
        op.execute(sql)
