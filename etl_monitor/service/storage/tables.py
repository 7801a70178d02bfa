"""The tables. Each change needs a migration in `migrations/`; a test compares the two.

The columns of `jobs` are named after the fields of `etl_monitor.wire.job.Job`, so that a row can be
validated as a job.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from etl_monitor.service.storage.column_types import GrowingKey, Json, UtcTime

metadata = MetaData()

DERIVED = "kept by triggers"
"""The key in the `info` of a table whose rows follow from others; they are not copied."""


meta = Table(
    "meta",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# One row: the newest event's number. Updated in the transaction that appends the event, so that
# numbers have no gaps and become visible in order, even with concurrent writers.
event_counter = Table(
    "event_counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("job_id", String(36), nullable=False),
    Column("name", String(32), nullable=False),  # "" for an unnamed message
    Column("data", Text, nullable=False),  # JSON, as it is sent
    Column("at", UtcTime, nullable=False),
    Index("events_of_a_job", "job_id", "position"),
)

tests = Table(
    "tests",
    metadata,
    Column("test_id", String(36), primary_key=True),
    Column("user_id", String(200), nullable=False),
    Column("anp_seq", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("test_kind", String(100), nullable=False),
    Column("file_name", String(255), nullable=False),  # as uploaded; never used as a path
    Column("source", String(64), nullable=False),  # its name in the uploads folder
    Column("file_bytes", BigInteger),  # None: an older version stored the file
    Column("sample_key", String(64), unique=True),  # None: not a sample
    Column("created_at", UtcTime, nullable=False, index=True),
    # Kept by triggers (migration 0013): the `sequence` of its newest job, and the state in which
    # its results are, a `ResultStatus`.
    Column("newest_job", BigInteger),
    Column("status", String(16), nullable=False, server_default="failed"),
    Column("respondents", Integer),  # of its results; kept by triggers (migration 0021)
    UniqueConstraint("user_id", "anp_seq", name="one_number_per_user"),
    Index("tests_of_a_kind", "test_kind", "created_at"),
    Index("tests_of_a_user", "user_id", "created_at"),
    Index("tests_by_status", "status", "created_at"),
    Index("tests_by_newest_job", "newest_job"),
    Index("tests_by_respondents", "respondents", "test_id"),
    # Both fold capitals to small letters, as their order does.
    Index("tests_by_title", "title", "test_id"),
    Index("tests_by_person", "user_id", "test_id"),
)

# How many tests there are of each person, kind and status; kept by triggers (migration 0021).
test_counts = Table(
    "test_counts",
    metadata,
    Column("user_id", String(200), primary_key=True),
    Column("test_kind", String(100), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("tests", BigInteger, nullable=False),
    info={DERIVED: True},
)

# The number of each person's newest test, including deleted ones, so that no number is used twice.
numbers = Table(
    "numbers",
    metadata,
    Column("user_id", String(200), primary_key=True),
    Column("last", Integer, nullable=False),
)

# The outcome of the newest completed job, replaced in one transaction.
results = Table(
    "results",
    metadata,
    Column("test_id", String(36), ForeignKey("tests.test_id"), primary_key=True),
    Column("job_id", String(36), nullable=False),
    Column("completed_at", UtcTime, nullable=False),
    Column("respondents", Integer, nullable=False),
    Column("statistics", Text),  # JSON of `Statistics`
    Column("scores", String(128)),  # its name in the results folder
)

documents = Table(
    "documents",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("test_id", String(36), ForeignKey("tests.test_id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),  # their order
    Column("type", String(100), nullable=False),
    Column("summary", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("preview", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

HAS_ENDED = "status NOT IN ('pending', 'running')"
"""A condition on `jobs` with the words of an index, by which SQLite recognises it."""

_IS_PENDING = text("status = 'pending'")
_WHERE_PENDING: dict[str, Any] = {"sqlite_where": _IS_PENDING, "postgresql_where": _IS_PENDING}
_HAS_ENDED = text(HAS_ENDED)
_WHERE_ENDED: dict[str, Any] = {"sqlite_where": _HAS_ENDED, "postgresql_where": _HAS_ENDED}

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", String(36), primary_key=True),
    # The position of the job's `job_started` event: the order of the list and of the queue.
    Column("sequence", BigInteger, nullable=False, unique=True),
    Column("test_id", String(36), ForeignKey("tests.test_id"), nullable=False),
    Column("user_id", String(200), nullable=False),
    Column("anp_seq", Integer, nullable=False),
    Column("title", String(200), nullable=False),
    Column("test_kind", String(100), nullable=False),
    Column("status", String(16), nullable=False),
    Column("progress", Integer, nullable=False),
    Column("current_step", String(100), nullable=False),
    Column("step_index", Integer),
    Column("step_count", Integer),
    Column("rows_done", BigInteger),
    Column("rows_total", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("estimated_completion", UtcTime),
    Column("eta_earliest", UtcTime),
    Column("eta_latest", UtcTime),
    Column("attempt", Integer, nullable=False),
    Column("retry_of", String(36)),
    Column("root_id", String(36), nullable=False, index=True),
    Column("requested_by", String(200), nullable=False),
    Column("force_reprocess", Boolean),  # None: an older version made the job
    Column("cancel_requested_at", UtcTime),
    Column("cancel_requested_by", String(200)),
    Column("cancel_reason", Text),
    Column("cancel_deadline", UtcTime),
    Column("forced", Boolean, nullable=False),
    Column("error_code", String(100)),
    Column("error_message", Text),
    Column("error_details", Json),
    Column("worker", String(100)),
    Column("heartbeat_at", UtcTime),
    Column("restarts", Integer, nullable=False, server_default="0"),
    Column("trace", String(55)),  # the `traceparent` of the span that made it, if there was one
    Column("promoted_at", UtcTime),
    Column("seen_at", UtcTime),
    Column("seen_by", String(200)),
    Column("rejected", String(128)),  # the name of its rejected rows in the results folder
    Column("ran_seconds", Float),  # once it has ended; kept by triggers (migration 0013)
    # NULL while it waits or runs: reports of progress write to no index.
    Column("ended_progress", Integer, Computed(f"CASE WHEN {HAS_ENDED} THEN progress END")),
    Index("jobs_by_status", "status", "sequence"),
    # The queue in the order of claims; `promoted_at` is descending, with NULL at the end.
    Index("jobs_in_queue", "status", "promoted_at", "sequence", **_WHERE_PENDING),
    Index(
        *("jobs_in_queue_by_kind", "status", "test_kind", "promoted_at", "sequence"),
        **_WHERE_PENDING,
    ),
    Index("jobs_by_sequence", "sequence", "status"),  # for counting what a search finds
    Index("jobs_of_a_test", "test_id", "sequence"),
    Index("jobs_of_a_kind", "test_kind", "sequence", "status"),
    Index("jobs_of_a_user", "user_id", "sequence", "status"),
    Index("jobs_by_creation", "created_at", "status"),
    Index("jobs_by_start", "started_at", "sequence", "finished_at", "status"),
    Index("jobs_by_duration", "ran_seconds", "sequence", "status"),
    Index("jobs_by_progress", "status", "ended_progress", "sequence", **_WHERE_ENDED),
    # PostgreSQL has no rows in it, for which each report of progress would write to all indexes.
    Index(
        *("jobs_by_end", "finished_at", "status", "rows_done", "started_at"),
        sqlite_where=text("finished_at IS NOT NULL"),
    ),
    Index(
        "one_active_job_per_test",
        "test_id",
        unique=True,
        sqlite_where=text("status IN ('pending', 'running')"),
        postgresql_where=text("status IN ('pending', 'running')"),
    ),
)

# How many jobs there are of each person, kind and status; kept by triggers (migration 0013).
job_counts = Table(
    "job_counts",
    metadata,
    Column("user_id", String(200), primary_key=True),
    Column("test_kind", String(100), primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    info={DERIVED: True},
)

# How many jobs ended in each hour and status, how many of them had started, and their rows; kept by
# triggers (migration 0021).
job_ends = Table(
    "job_ends",
    metadata,
    Column("hour", UtcTime, primary_key=True),
    Column("status", String(16), primary_key=True),
    Column("jobs", BigInteger, nullable=False),
    Column("ran", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    info={DERIVED: True},
)


def _blocks(name: str) -> Table:
    """Return a table of the blocks of rows that `storage/blocks.py` counts (migration 0020)."""
    return Table(
        name,
        metadata,
        Column("first_key", BigInteger, primary_key=True, autoincrement=False),
        Column("stamp", BigInteger, nullable=False),  # random, another after each change
        Column("rows", BigInteger, nullable=False),
        Column("first_at", UtcTime),  # no row is older, and none is newer than `last_at`
        Column("last_at", UtcTime),
        info={DERIVED: True},
    )


job_blocks = _blocks("job_blocks")  # by the jobs' `sequence`
activity_blocks = _blocks("activity_blocks")  # by the entries' `id`

job_steps = Table(
    "job_steps",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.job_id"), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("name", String(100), nullable=False),
    Column("status", String(16), nullable=False),
    Column("rows_done", BigInteger, nullable=False),
    Column("rows_total", BigInteger),
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
)

job_log = Table(
    "job_log",
    metadata,
    Column("id", GrowingKey, primary_key=True, autoincrement=True),
    Column("job_id", String(36), ForeignKey("jobs.job_id"), nullable=False, index=True),
    Column("at", UtcTime, nullable=False),
    Column("level", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("code", String(100)),
    Column("details", Json),
)

activity = Table(
    "activity",
    metadata,
    Column("id", GrowingKey, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", String(200), nullable=False, index=True),
    Column("role", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("code", String(100)),
    Column("reason", Text),
    Column("job_id", String(36), index=True),
    Column("new_job_id", String(36)),
    Column("test_id", String(36)),
    Column("title", String(200)),  # as it was then; the test may have been deleted
    Column("details", Json),  # the error's
)

# The running workers of Celery, a row for each `celery worker`. `beats` grows as long as it lives.
worker_nodes = Table(
    "worker_nodes",
    metadata,
    Column("node", String(80), primary_key=True),
    Column("beats", BigInteger, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("workers", Json, nullable=False),  # name, pid and alive of its processes
    Column("queues", Json, nullable=False),  # names of the broker's queues that it consumes
)

# Only the hash of a token is stored, see `tokens.py`. Revoked tokens stay, for the record.
tokens = Table(
    "tokens",
    metadata,
    Column("token_id", String(16), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Index(
        "one_valid_token_per_name",
        "name",
        unique=True,
        sqlite_where=text("revoked_at IS NULL"),
        postgresql_where=text("revoked_at IS NULL"),
    ),
)


def stored(table: Table) -> Sequence[Column[Any]]:
    """Return the columns that are written; the database computes the others from them."""
    return [column for column in table.c if column.computed is None]
