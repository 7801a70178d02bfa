"""The span that made a job: the worker's spans belong to its trace."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("trace", sa.String(55), nullable=True))
