"""The tables of jobs, their steps and their logs.

The columns of `jobs` are named after the fields of `etl_monitor.wire.job.Job`, so that a row can be
validated as a job. Other modules import them from `tables.py`, which has all tables.
"""

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
    String,
    Table,
    Text,
    text,
)

from etl_monitor.service.storage.column_types import GrowingKey, Json, UtcTime
from etl_monitor.service.storage.metadata import DERIVED, blocks_table, metadata

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

job_blocks = blocks_table("job_blocks")  # by the jobs' `sequence`

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
