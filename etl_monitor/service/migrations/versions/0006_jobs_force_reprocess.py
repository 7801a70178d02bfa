"""Record whether a job was requested with `forceReprocess`."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("force_reprocess", sa.Boolean(), nullable=True))
