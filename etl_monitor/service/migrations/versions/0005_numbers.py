"""Count test numbers per person, so that a deleted test's number is not used again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "numbers",
        sa.Column("user_id", sa.String(200), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )
    op.execute(
        "INSERT INTO numbers (user_id, last) SELECT user_id, max(anp_seq) FROM tests "
        "GROUP BY user_id"
    )
