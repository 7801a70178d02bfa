"""The history of a period, for charts: which jobs ran when, and how many ended."""

from etl_monitor.wire.base import MaybeTime, Record, Time, VisibleText
from etl_monitor.wire.job import JobStatus


class JobSpan(Record):
    """When a job ran. `finished_at` is None while it runs."""

    job_id: str
    status: JobStatus
    started_at: Time
    finished_at: MaybeTime = None
    test_id: str | None = None
    title: VisibleText | None = None
    test_kind: str | None = None
    worker: str | None = None


class Bucket(Record):
    """How many jobs ended in the interval that begins at `start`."""

    start: Time
    completed: int
    failed: int
    cancelled: int
    rows: int  # of the completed ones


class History(Record):
    """The period from `since`, inclusive, to `until`, exclusive.

    `spans`: the jobs that ran at any time in the period, newest start first. `spans_total` counts
    all of them; `capped` if some are left out. `buckets` are in order, each `bucket_seconds` long;
    intervals in which no job ended are left out.
    """

    since: Time
    until: Time
    spans: tuple[JobSpan, ...]
    spans_total: int
    capped: bool
    bucket_seconds: int
    buckets: tuple[Bucket, ...]
