"""Give log lines a code and details, from which pages make the text in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("job_log", sa.Column("code", sa.String(100), nullable=True))
    op.add_column("job_log", sa.Column("details", sa.JSON(), nullable=True))
