"""What happened over a period: which jobs ran when, and how many ended, for charts."""

from etl_monitor.wire.base import MaybeTime, Time, Wire
from etl_monitor.wire.job import JobStatus


class JobSpan(Wire):
    """From when to when a job ran. `finished_at` is None while it runs."""

    job_id: str
    status: JobStatus
    started_at: Time
    finished_at: MaybeTime = None
    test_id: str | None = None
    title: str | None = None
    test_kind: str | None = None
    worker: str | None = None


class Bucket(Wire):
    """The jobs that ended in one stretch of time, which begins at `start`."""

    start: Time
    completed: int
    failed: int
    cancelled: int
    rows: int  # of the completed ones


class History(Wire):
    """Everything between `since` and `until`, the latter not included.

    `spans`: jobs that ran at any time in between, newest start first. There may be more of them
    than are told: `spans_total`, and then `capped`. `buckets` are in order, each `bucket_seconds`
    long; those without any end are left out.
    """

    since: Time
    until: Time
    spans: tuple[JobSpan, ...]
    spans_total: int
    capped: bool
    bucket_seconds: int
    buckets: tuple[Bucket, ...]
