"""Rename `jobs.born` to `jobs.sequence`. SQLite and PostgreSQL rename it in the indexes as well."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.alter_column("jobs", "born", new_column_name="sequence")
