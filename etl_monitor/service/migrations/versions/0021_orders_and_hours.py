"""What lists read with 1,000,000 jobs: counts of tests by person, kind and status; how many jobs
ended in each hour; and indexes in the orders by progress and by respondents.

The database keeps all of it itself, whatever writes the rows.
"""

# ruff: noqa: S608  # all names are constants

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_UNCOUNT_TEST = (
    "UPDATE test_counts SET tests = tests - 1"
    " WHERE user_id = old.user_id AND test_kind = old.test_kind AND status = old.status"
)
_COUNT_TEST = (
    "INSERT INTO test_counts (user_id, test_kind, status, tests)"
    " VALUES (new.user_id, new.test_kind, new.status, 1)"
    " ON CONFLICT (user_id, test_kind, status) DO UPDATE SET tests = test_counts.tests + 1"
)
_TEST_IS_COUNTED_ELSEWHERE = (
    "old.user_id <> new.user_id OR old.test_kind <> new.test_kind OR old.status <> new.status"
)
_HAS_ENDED = "status NOT IN ('pending', 'running')"
_ENDED_PROGRESS = (
    "ALTER TABLE jobs ADD COLUMN ended_progress INTEGER"
    f" GENERATED ALWAYS AS (CASE WHEN {_HAS_ENDED} THEN progress END)"
)
_OF_ENDS = ("status", "started_at", "finished_at", "rows_done")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _count_tests()
    _add_respondents(dialect)
    _order_by_progress(dialect)
    _count_ends(dialect)


def _count_tests() -> None:
    op.create_table(
        "test_counts",
        sa.Column("user_id", sa.String(200), primary_key=True),
        sa.Column("test_kind", sa.String(100), primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("tests", sa.BigInteger(), nullable=False),
    )
    op.execute(
        "INSERT INTO test_counts (user_id, test_kind, status, tests) SELECT user_id, test_kind,"
        " status, count(*) FROM tests GROUP BY user_id, test_kind, status"
    )
    _trigger("test_counts_insert", "INSERT ON tests", _COUNT_TEST)
    _trigger("test_counts_delete", "DELETE ON tests", _UNCOUNT_TEST)
    _trigger(
        "test_counts_update",
        "UPDATE OF user_id, test_kind, status ON tests",
        *(_UNCOUNT_TEST, _COUNT_TEST),
        when=_TEST_IS_COUNTED_ELSEWHERE,
    )


def _add_respondents(dialect: str) -> None:
    op.add_column("tests", sa.Column("respondents", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE tests SET respondents ="
        " (SELECT respondents FROM results r WHERE r.test_id = tests.test_id)"
    )
    order = {"sqlite": "respondents", "postgresql": "respondents DESC NULLS LAST"}[dialect]
    op.execute(f"CREATE INDEX tests_by_respondents ON tests ({order}, test_id)")
    of_new = "UPDATE tests SET respondents = new.respondents WHERE test_id = new.test_id"
    of_old = "UPDATE tests SET respondents = NULL WHERE test_id = old.test_id"
    _trigger("tests_respondents_insert", "INSERT ON results", of_new)
    _trigger("tests_respondents_update", "UPDATE OF respondents ON results", of_new)
    _trigger("tests_respondents_delete", "DELETE ON results", of_old)


def _order_by_progress(dialect: str) -> None:
    """The column stays NULL while the job runs, so that no index has to be written with each report
    of progress. It is computed when it is read on SQLite, and stored on PostgreSQL."""
    if dialect == "sqlite":
        op.execute(f"{_ENDED_PROGRESS} VIRTUAL")
        op.drop_index("jobs_by_progress", "jobs")
    else:
        op.execute(f"{_ENDED_PROGRESS} STORED")
    order = {
        "sqlite": "status, ended_progress, sequence",
        "postgresql": "status, ended_progress DESC NULLS LAST, sequence DESC",
    }[dialect]
    op.execute(f"CREATE INDEX jobs_by_progress ON jobs ({order}) WHERE {_HAS_ENDED}")


def _count_ends(dialect: str) -> None:
    op.create_table(
        "job_ends",
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("status", sa.String(16), primary_key=True),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("ran", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
    )
    if dialect == "sqlite":  # with all that is counted of a part of an hour
        op.drop_index("jobs_by_end", "jobs")
        op.execute(
            "CREATE INDEX jobs_by_end ON jobs (finished_at, status, rows_done, started_at)"
            " WHERE finished_at IS NOT NULL"
        )
    hour, ran, rows = _of_end(dialect, "")
    op.execute(
        "INSERT INTO job_ends (hour, status, jobs, ran, rows)"
        f" SELECT {hour}, status, count(*), sum({ran}), sum({rows}) FROM jobs"
        f" WHERE finished_at IS NOT NULL GROUP BY {hour}, status"
    )
    hour, ran, rows = _of_end(dialect, "old.")
    uncount = (
        f"UPDATE job_ends SET jobs = jobs - 1, ran = ran - {ran}, rows = rows - {rows}"
        f" WHERE hour = {hour} AND status = old.status"
    )
    hour, ran, rows = _of_end(dialect, "new.")
    count = (
        "INSERT INTO job_ends (hour, status, jobs, ran, rows)"
        f" SELECT {hour}, new.status, 1, {ran}, {rows} WHERE new.finished_at IS NOT NULL"
        " ON CONFLICT (hour, status) DO UPDATE SET jobs = job_ends.jobs + 1,"
        " ran = job_ends.ran + excluded.ran, rows = job_ends.rows + excluded.rows"
    )
    _trigger("job_ends_insert", "INSERT ON jobs", count, when="new.finished_at IS NOT NULL")
    _trigger("job_ends_delete", "DELETE ON jobs", uncount, when="old.finished_at IS NOT NULL")
    _trigger(
        "job_ends_update",
        f"UPDATE OF {', '.join(_OF_ENDS)} ON jobs",
        *(uncount, count),
        when="old.finished_at IS NOT NULL OR new.finished_at IS NOT NULL",
    )


def _of_end(dialect: str, row: str) -> tuple[str, str, str]:
    """Return the SQL of the hour in which a job ended, of 1 if it ran, and of its rows."""
    hour = {
        "sqlite": f"substr({row}finished_at, 1, 13) || ':00:00.000000'",
        "postgresql": f"date_trunc('hour', {row}finished_at, 'UTC')",
    }[dialect]
    ran = f"CASE WHEN {row}started_at IS NULL THEN 0 ELSE 1 END"
    return hour, ran, f"coalesce({row}rows_done, 0)"


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
