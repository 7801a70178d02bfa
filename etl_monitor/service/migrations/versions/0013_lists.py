"""What lists need at 100,000 jobs: counts by status, each test's state, and indexes in their order.

The database keeps the counts and the states itself, by triggers, in the transaction of the change:
whatever writes a job, also a tool that does so without the program.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_UNCOUNT = (
    "UPDATE job_counts SET jobs = jobs - 1"
    " WHERE user_id = old.user_id AND test_kind = old.test_kind AND status = old.status"
)
_COUNT = (
    "INSERT INTO job_counts (user_id, test_kind, status, jobs)"
    " VALUES (new.user_id, new.test_kind, new.status, 1)"
    " ON CONFLICT (user_id, test_kind, status) DO UPDATE SET jobs = job_counts.jobs + 1"
)
_IS_COUNTED_ELSEWHERE = (
    "old.user_id <> new.user_id OR old.test_kind <> new.test_kind OR old.status <> new.status"
)
_HAS_JOB = "EXISTS (SELECT 1 FROM jobs j WHERE j.test_id = tests.test_id AND {})"
_IS_PROCESSING = _HAS_JOB.format("j.status IN ('pending', 'running')")
_HAS_RESULTS = "EXISTS (SELECT 1 FROM results r WHERE r.test_id = tests.test_id)"
_NEWEST = "(SELECT max(j.sequence) FROM jobs j WHERE j.test_id = tests.test_id)"
_STATUS = (
    f"CASE WHEN {_IS_PROCESSING} THEN 'processing' WHEN {_HAS_RESULTS} THEN 'completed'"
    " ELSE 'failed' END"
)
_STATE = f"UPDATE tests SET newest_job = {_NEWEST}, status = {_STATUS}"  # noqa: S608  # constants
_STATE_OF_OLD = f"{_STATE} WHERE test_id = old.test_id"
_STATE_OF_NEW = f"{_STATE} WHERE test_id = new.test_id"
_RAN = {
    "sqlite": "UPDATE jobs SET"
    " ran_seconds = (julianday(finished_at) - julianday(started_at)) * 86400",
    "postgresql": "UPDATE jobs SET ran_seconds = EXTRACT(epoch FROM (finished_at - started_at))",
}
_WAS_OR_IS_ENDED = "old.finished_at IS NOT NULL OR new.finished_at IS NOT NULL"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _add_columns()
    _index(dialect)
    ran = _RAN[dialect]
    ran_of_new = f"{ran} WHERE job_id = new.job_id"
    op.execute(f"{ran} WHERE finished_at IS NOT NULL")
    op.execute(_STATE)
    op.execute(
        "INSERT INTO job_counts (user_id, test_kind, status, jobs)"
        " SELECT user_id, test_kind, status, count(*) FROM jobs GROUP BY user_id, test_kind, status"
    )
    _trigger("jobs_ran_insert", "INSERT ON jobs", ran_of_new, when="new.finished_at IS NOT NULL")
    _trigger(
        "jobs_ran_update",
        "UPDATE OF started_at, finished_at ON jobs",
        ran_of_new,
        when=_WAS_OR_IS_ENDED,
    )
    _trigger("job_counts_insert", "INSERT ON jobs", _COUNT)
    _trigger("job_counts_delete", "DELETE ON jobs", _UNCOUNT)
    _trigger(
        "job_counts_update",
        "UPDATE OF user_id, test_kind, status ON jobs",
        *(_UNCOUNT, _COUNT),
        when=_IS_COUNTED_ELSEWHERE,
    )
    _trigger("tests_job_insert", "INSERT ON jobs", _STATE_OF_NEW)
    _trigger("tests_job_delete", "DELETE ON jobs", _STATE_OF_OLD)
    _trigger(
        "tests_job_update",
        "UPDATE OF status ON jobs",
        _STATE_OF_NEW,
        when="old.status <> new.status",
    )
    _trigger("tests_result_insert", "INSERT ON results", _STATE_OF_NEW)
    _trigger("tests_result_delete", "DELETE ON results", _STATE_OF_OLD)


def _add_columns() -> None:
    op.create_table(
        "job_counts",
        sa.Column("user_id", sa.String(200), primary_key=True),
        sa.Column("test_kind", sa.String(100), primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
    )
    op.add_column("jobs", sa.Column("ran_seconds", sa.Float(), nullable=True))
    op.add_column("tests", sa.Column("newest_job", sa.BigInteger(), nullable=True))
    status = sa.Column("status", sa.String(16), nullable=False, server_default="failed")
    op.add_column("tests", status)


def _index(dialect: str) -> None:
    for name in ("jobs_of_a_kind", "jobs_of_a_user", "jobs_by_end"):
        op.drop_index(name, "jobs")
    op.create_index("jobs_of_a_kind", "jobs", ["test_kind", "sequence", "status"])
    op.create_index("jobs_of_a_user", "jobs", ["user_id", "sequence", "status"])
    op.create_index("jobs_by_sequence", "jobs", ["sequence", "status"])
    op.create_index("jobs_by_start", "jobs", ["started_at", "sequence", "finished_at", "status"])
    op.create_index("tests_of_a_user", "tests", ["user_id", "created_at"])
    op.create_index("tests_by_status", "tests", ["status", "created_at"])
    if dialect == "sqlite":
        op.create_index("jobs_by_duration", "jobs", ["ran_seconds", "sequence", "status"])
        # Both are written only when a job ends, not with its progress.
        has_ended = sa.text("status NOT IN ('pending', 'running')")
        progress = ["progress", "sequence", "status"]
        op.create_index("jobs_by_progress", "jobs", progress, sqlite_where=has_ended)
        ends = ["finished_at", "status", "rows_done"]
        op.create_index(
            "jobs_by_end", "jobs", ends, sqlite_where=sa.text("finished_at IS NOT NULL")
        )
        op.create_index("tests_by_newest_job", "tests", ["newest_job"])
        op.execute("CREATE INDEX tests_by_title ON tests (title COLLATE NOCASE, test_id)")
        op.execute("CREATE INDEX tests_by_person ON tests (user_id COLLATE NOCASE, test_id)")
    else:
        op.create_index("jobs_by_end", "jobs", ["finished_at", "status"])
        for index in (
            "jobs_by_duration ON jobs (ran_seconds DESC NULLS LAST, sequence DESC)",
            "tests_by_newest_job ON tests (newest_job DESC NULLS LAST, test_id)",
            "tests_by_title ON tests (lower(title), test_id)",
            "tests_by_person ON tests (lower(user_id), test_id)",
        ):
            op.execute(f"CREATE INDEX {index}")


def _trigger(name: str, event: str, *statements: str, when: str | None = None) -> None:
    body = "; ".join(statements)
    if op.get_bind().dialect.name == "sqlite":
        condition = f"WHEN {when} " if when else ""
        op.execute(f"CREATE TRIGGER {name} AFTER {event} {condition}BEGIN {body}; END")
        return
    condition = f"WHEN ({when}) " if when else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} FOR EACH ROW {condition}EXECUTE FUNCTION {name}()"
    )
