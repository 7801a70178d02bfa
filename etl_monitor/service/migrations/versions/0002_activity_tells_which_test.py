"""An entry of the activity log tells which test it was, and all of why it was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("activity", sa.Column("title", sa.String(length=200), nullable=True))
    op.add_column("activity", sa.Column("details", sa.JSON(none_as_null=True), nullable=True))
