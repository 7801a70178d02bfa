"""Index jobs by person and by time, so that lists and charts read only the rows they show."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index("tests_of_a_kind", "tests", ["test_kind", "created_at"], unique=False)
    op.create_index("jobs_of_a_user", "jobs", ["user_id", "status", "born"], unique=False)
    op.create_index("jobs_by_creation", "jobs", ["created_at", "status"], unique=False)
    op.create_index("jobs_by_end", "jobs", ["finished_at"], unique=False)
