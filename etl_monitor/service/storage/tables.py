"""The tables. Each change needs a migration in `migrations/`; a test compares the two.

Those of jobs are in `job_tables.py`.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from etl_monitor.service.storage.column_types import GrowingKey, Json, UtcTime
from etl_monitor.service.storage.job_tables import (
    HAS_ENDED,
    job_blocks,
    job_counts,
    job_ends,
    job_log,
    job_steps,
    jobs,
)
from etl_monitor.service.storage.metadata import DERIVED, blocks_table, metadata, stored

__all__ = [
    "DERIVED",
    "HAS_ENDED",
    "activity",
    "activity_blocks",
    "documents",
    "event_counter",
    "events",
    "job_blocks",
    "job_counts",
    "job_ends",
    "job_log",
    "job_steps",
    "jobs",
    "meta",
    "metadata",
    "numbers",
    "results",
    "stored",
    "test_counts",
    "tests",
    "tokens",
    "worker_nodes",
]

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

activity_blocks = blocks_table("activity_blocks")  # by the entries' `id`

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
