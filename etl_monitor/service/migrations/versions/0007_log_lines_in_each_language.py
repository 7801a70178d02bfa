"""A line of a job's log tells by a code what it says, so that pages say it in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("job_log", sa.Column("code", sa.String(100), nullable=True))
    op.add_column("job_log", sa.Column("details", sa.JSON(), nullable=True))
