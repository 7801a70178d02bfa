"""The workers of Celery that run."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "worker_nodes",
        sa.Column("node", sa.String(80), primary_key=True),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("workers", sa.JSON(), nullable=False),
    )
