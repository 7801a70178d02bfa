"""Requeued and promoted jobs, failures that were seen, rejected rows, sizes of answer files."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    restarts = sa.Column("restarts", sa.Integer(), nullable=False, server_default="0")
    op.add_column("jobs", restarts)
    for name, kind in (
        ("promoted_at", _TIME),
        ("seen_at", _TIME),
        ("seen_by", sa.String(200)),
        ("rejected", sa.String(128)),
    ):
        op.add_column("jobs", sa.Column(name, kind, nullable=True))
    op.add_column("tests", sa.Column("file_bytes", sa.BigInteger(), nullable=True))
