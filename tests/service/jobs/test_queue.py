"""The queue: order, places, expected starts, and the front."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, update

from etl_monitor.errors import Conflict, NotFound, PipelineError
from etl_monitor.service.jobs import lifecycle, queue
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import job_steps, jobs
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import add_test, claim, progress

TOOK = timedelta(seconds=30)  # each of the two steps of a past job


def _past_job(tx: Connection) -> None:
    job_id = add_test(tx).job_id
    claim(tx)
    lifecycle.advance(tx, job_id, "w", progress(1, 1, 100))
    lifecycle.advance(tx, job_id, "w", progress(2, 1, 100))
    lifecycle.complete(tx, job_id, "w")
    times = {"started_at": now(), "finished_at": now() + TOOK}
    tx.execute(update(job_steps).where(job_steps.c.job_id == job_id).values(times))


def _queue(tx: Connection, workers: int = 1) -> list[Job]:
    page = job_pages.page(tx, JobFilter(), limit=99, sort=JobSort.QUEUE)
    return [job for job in with_places(tx, page.jobs, workers) if job.status.is_active]


def test_running_jobs_come_first_then_waiting_ones_with_their_places(db: Database) -> None:
    with db.writing() as tx:
        ids = [add_test(tx).job_id for _ in range(4)]
        claim(tx)
        lifecycle.promote(tx, ids[2])
        lifecycle.promote(tx, ids[3])
        listed = _queue(tx)
    assert [job.job_id for job in listed] == [ids[0], ids[3], ids[2], ids[1]]
    assert [job.queue_position for job in listed] == [None, 1, 2, 3]


def test_only_the_front_of_a_long_queue_is_read(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_MOST_PLACED", 2)
    with db.writing() as tx:
        for _ in range(4):
            add_test(tx)
        assert [job.queue_position for job in _queue(tx)] == [1, 2, None, None]


def test_workers_claim_jobs_in_the_order_of_the_queue(db: Database) -> None:
    with db.writing() as tx:
        ids = [add_test(tx).job_id for _ in range(3)]
        assert lifecycle.promote(tx, ids[2]).promoted_at is not None
        assert [claim(tx).job_id for _ in ids] == [ids[2], ids[0], ids[1]]
        with pytest.raises(Conflict, match="only a waiting job"):
            lifecycle.promote(tx, ids[0])
        with pytest.raises(NotFound):
            lifecycle.promote(tx, "none")


def test_starts_are_expected_from_the_durations_of_past_jobs(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(3):
            _past_job(tx)
        running = add_test(tx).job_id
        claim(tx)
        free_at = now() + timedelta(minutes=5)
        ends = update(jobs).where(jobs.c.job_id == running).values(estimated_completion=free_at)
        tx.execute(ends)
        for _ in range(3):
            add_test(tx)
        one, two = _queue(tx, workers=1)[1:], _queue(tx, workers=2)[1:]
    starts = [job.expected_start for job in one]
    assert starts[0] == free_at
    assert [b - a for a, b in pairwise(starts) if a and b] == [
        pytest.approx(2 * TOOK, abs=timedelta(seconds=1))
    ] * 2
    assert two[2].expected_start is not None
    assert two[2].expected_start < free_at, "the second worker is free"


def test_without_a_past_only_the_first_start_is_known(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(3):
            add_test(tx)
        queue = _queue(tx, workers=1)
        assert [job.expected_start is None for job in queue] == [False, True, True]
        claim(tx)
        assert {job.expected_start for job in _queue(tx)} == {None}


def test_a_failure_is_marked_as_seen_once(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        with pytest.raises(Conflict, match="only a failed job"):
            lifecycle.mark_seen(tx, job_id, by="lee")
        lifecycle.fail(tx, job_id, "w", PipelineError("bad", "Bad."))
        seen = lifecycle.mark_seen(tx, job_id, by="lee")
        assert (seen.status, seen.seen_by) == (JobStatus.FAILED, "lee")
        assert lifecycle.mark_seen(tx, job_id, by="kim") == seen
