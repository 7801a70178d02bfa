"""A job tells whether it was to be processed although there were results."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("force_reprocess", sa.Boolean(), nullable=True))
