"""Which queues of the broker each worker of Celery consumes.

Rows that are there are of workers of an older version, which do not run with this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("DELETE FROM worker_nodes")
    with op.batch_alter_table("worker_nodes") as table:
        table.add_column(sa.Column("queues", sa.JSON(), nullable=False))
