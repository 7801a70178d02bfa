"""Store the test's title and an error's details with each entry of the activity log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("activity", sa.Column("title", sa.String(length=200), nullable=True))
    op.add_column("activity", sa.Column("details", sa.JSON(none_as_null=True), nullable=True))
