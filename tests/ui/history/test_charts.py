"""The start of the charts' time axis."""

from datetime import UTC, datetime, timedelta

import pytest

from etl_monitor.ui.history.charts import axis_start
from etl_monitor.wire.history import Bucket, History, JobSpan
from etl_monitor.wire.job import JobStatus

UNTIL = datetime(2026, 11, 25, 12, tzinfo=UTC)


def history(*, began: list[int], ended: list[int]) -> History:
    """A history of one day. `began` and `ended`: when jobs and buckets start, in minutes before its
    end."""
    spans = [
        JobSpan(job_id=str(n), status=JobStatus.RUNNING, started_at=UNTIL - timedelta(minutes=n))
        for n in began
    ]
    buckets = [
        Bucket(start=UNTIL - timedelta(minutes=n), completed=1, failed=0, cancelled=0, rows=1)
        for n in ended
    ]
    return History(
        since=UNTIL - timedelta(days=1),
        until=UNTIL,
        spans=tuple(spans),
        spans_total=len(spans),
        capped=False,
        bucket_seconds=900,
        buckets=tuple(buckets),
    )


@pytest.mark.parametrize(
    ("began", "ended", "minutes"),
    [
        ([90, 30], [], 90),  # with the first job
        ([90, 30], [105], 105),  # or the bucket in which it ended
        ([2, 1], [], 5),  # at least five minutes
        ([2000], [], 1440),  # a job from before the period
        ([], [], 1440),
    ],
)
def test_the_charts_start_with_the_first_job_or_bucket(
    began: list[int], ended: list[int], minutes: int
) -> None:
    shown = axis_start(history(began=began, ended=ended))
    assert shown == UNTIL - timedelta(minutes=minutes)
