"""An index of trigrams over the text of jobs. On PostgreSQL only, where `pg_trgm` can be created.

SQLite has such an index since revision 0011. Without the extension a search compares texts.
"""

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0017"
down_revision = "0014"

_FIELDS = (
    *("job_id", "test_id", "title", "user_id", "requested_by", "test_kind", "current_step"),
    *("error_code", "error_message"),
)
# As `service/jobs/search.py` writes it, or PostgreSQL would not recognise its index.
_TEXT = " || chr(10) || ".join(f"coalesce({name}, '')" for name in _FIELDS)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            op.execute(f"CREATE INDEX jobs_by_text ON jobs USING gin (({_TEXT}) gin_trgm_ops)")
    except DBAPIError:  # not installed on the server, or not allowed
        return
