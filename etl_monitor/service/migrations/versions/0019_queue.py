"""The waiting jobs in the order of the queue, also by kind: a claim reads the first ones only.

They are written only when a job begins or ends to wait, or is moved to the front.
"""

from alembic import op

revision = "0019"
down_revision = "0018"

_LAST = {"sqlite": "", "postgresql": " NULLS LAST"}  # where SQLite has them anyway


def upgrade() -> None:
    order = f"promoted_at DESC{_LAST[op.get_bind().dialect.name]}, sequence"
    for name, first in (("jobs_in_queue", ""), ("jobs_in_queue_by_kind", "test_kind, ")):
        op.execute(f"CREATE INDEX {name} ON jobs (status, {first}{order}) WHERE status = 'pending'")
