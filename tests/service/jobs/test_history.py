"""The history of a period: spans of jobs and buckets of their ends."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text, update

from etl_monitor.service.jobs import history, lifecycle
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import MINUTE, add_test, claim, progress

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def _ran(
    tx: Connection,
    begin: datetime | None,
    end: datetime | None,
    status: JobStatus = JobStatus.COMPLETED,
    rows: int | None = None,
) -> Job:
    """Add a job with these times and this state, bypassing its life cycle."""
    job = add_test(tx)
    values = {"started_at": begin, "finished_at": end, "status": status, "rows_done": rows}
    tx.execute(update(jobs_table).where(jobs_table.c.job_id == job.job_id).values(values))
    return job


def _spans(tx: Connection, since: datetime, until: datetime) -> list[str]:
    return [span.job_id for span in history.history(tx, since, until).spans]


def test_spans_are_the_jobs_that_ran_within_the_period(db: Database) -> None:
    with db.writing() as tx:
        before = _ran(tx, NOON - HOUR, NOON - SECOND)
        reaches_in = _ran(tx, NOON - HOUR, NOON + SECOND)
        inside = _ran(tx, NOON + MINUTE, NOON + 2 * MINUTE)
        all_along = _ran(tx, NOON - HOUR, NOON + 2 * HOUR)
        running = _ran(tx, NOON - MINUTE, None, JobStatus.RUNNING)
        after = _ran(tx, NOON + HOUR, NOON + 2 * HOUR)
        _ran(tx, None, NOON, JobStatus.CANCELLED)  # never started
        ids = _spans(tx, NOON, NOON + HOUR)
    assert ids == [job.job_id for job in (inside, running, all_along, reaches_in)]
    assert not {before.job_id, after.job_id} & set(ids)


def test_a_span_has_the_fields_of_its_job(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx, title="늑대", kind="big5")
        claim(tx, "w-1")
        lifecycle.advance(tx, job.job_id, "w-1", progress(1, 40))
        now = datetime.now(UTC)
        (span,) = history.history(tx, now - HOUR, now + HOUR).spans
    assert span.model_dump(mode="json", by_alias=True).keys() == {
        *("jobId", "testId", "title", "testKind", "worker", "status", "startedAt", "finishedAt")
    }
    assert (span.title, span.test_kind, span.worker) == ("늑대", "big5", "w-1")
    assert (span.status, span.finished_at) == (JobStatus.RUNNING, None)


def test_spans_are_capped_and_the_reply_says_so(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_SPANS", 2)
    with db.writing() as tx:
        made = [_ran(tx, NOON + n * MINUTE, NOON + HOUR) for n in range(3)]
        reply = history.history(tx, NOON, NOON + HOUR)
        fewer = history.history(tx, NOON, NOON + 2 * MINUTE)
    assert [span.job_id for span in reply.spans] == [made[2].job_id, made[1].job_id]
    assert (reply.capped, reply.spans_total) == (True, 3)
    assert (fewer.capped, fewer.spans_total) == (False, 2)


def test_a_bucket_counts_ended_jobs_by_status(db: Database) -> None:
    with db.writing() as tx:
        for end, status, rows in [
            (NOON, JobStatus.COMPLETED, 100),
            (NOON + 59.999 * SECOND, JobStatus.COMPLETED, 20),
            (NOON + 59.999 * SECOND, JobStatus.FAILED, 7),
            (NOON + MINUTE, JobStatus.CANCELLED, None),
            (NOON + 10 * MINUTE, JobStatus.COMPLETED, None),
            (NOON + HOUR, JobStatus.COMPLETED, 1),
            (NOON - 0.001 * SECOND, JobStatus.COMPLETED, 1),
        ]:
            _ran(tx, NOON - HOUR, end, status, rows)
        reply = history.history(tx, NOON, NOON + HOUR)
    assert reply.bucket_seconds == 60
    assert [
        (bucket.start - NOON, bucket.completed, bucket.failed, bucket.cancelled, bucket.rows)
        for bucket in reply.buckets
    ] == [
        (0 * MINUTE, 2, 1, 0, 120),
        (1 * MINUTE, 0, 0, 1, 0),
        (10 * MINUTE, 1, 0, 0, 0),
    ]


@pytest.mark.parametrize(
    ("hours", "seconds"),
    [(0.001, 60), (1, 60), (6, 300), (24, 900), (7 * 24, 7200), (366 * 24, 604_800)],
)
def test_bucket_sizes_depend_on_the_period(hours: float, seconds: int) -> None:
    period = timedelta(hours=hours)
    assert history.bucket_seconds(period) == seconds
    assert period.total_seconds() / seconds <= history.MAX_BUCKETS


def test_an_empty_period_has_no_spans_and_no_buckets(db: Database) -> None:
    with db.reading() as tx:
        reply = history.history(tx, NOON, NOON + HOUR)
    assert (reply.spans, reply.spans_total, reply.capped, reply.buckets) == ((), 0, False, ())


@pytest.mark.databases("sqlite")
def test_jobs_that_ended_in_a_period_are_read_by_an_index(db: Database) -> None:
    ended = "EXPLAIN QUERY PLAN SELECT count(*) FROM jobs WHERE finished_at >= '2026-03-01'"
    with db.reading() as tx:
        assert "jobs_by_end" in str(tx.execute(text(ended)).all())
