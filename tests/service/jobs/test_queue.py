"""The queue: order, places, expected starts, and the front."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Connection, update

from etl_monitor.errors import Conflict, NotFound, PipelineError
from etl_monitor.service.jobs import eta, lifecycle, queue, rules
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs.demand import Demand, demand
from etl_monitor.service.jobs.durations import Durations
from etl_monitor.service.jobs.filter import JobFilter, JobSort
from etl_monitor.service.jobs.front import next_pending
from etl_monitor.service.jobs.queue import with_places
from etl_monitor.service.jobs.route import ANY, Route
from etl_monitor.service.jobs.rules import QueueRules
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import job_steps, jobs, tests
from etl_monitor.settings import Settings
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import STEPS, add_test, claim, progress

on_both = pytest.mark.databases("sqlite", "postgresql")

TOOK = timedelta(seconds=30)  # each of the two steps of a past job


def _past_job(tx: Connection, kind: str = "k") -> str:
    job_id = add_test(tx, kind=kind).job_id
    claim(tx)
    lifecycle.advance(tx, job_id, "w", progress(1, 1, 100))
    lifecycle.advance(tx, job_id, "w", progress(2, 1, 100))
    lifecycle.complete(tx, job_id, "w")
    times = {"started_at": now(), "finished_at": now() + TOOK}
    tx.execute(update(job_steps).where(job_steps.c.job_id == job_id).values(times))
    return job_id


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


def test_a_test_that_ran_before_is_expected_to_have_as_many_rows_again(db: Database) -> None:
    with db.writing() as tx:
        for rows in (100, 100, 100, 10_000, 10_000, 10_000):
            _resize(tx, _past_job(tx), rows)
        small, large = (add_test(tx) for _ in range(2))
        for job, rows in ((small, 100), (large, 10_000)):
            tx.execute(update(jobs).where(jobs.c.job_id == job.job_id).values(rows_total=rows))
        durations = Durations(tx, [small, large])
        expected = [durations.of(job) or timedelta() for job in (small, large)]
    assert expected[0] / (2 * TOOK) == pytest.approx(1, rel=0.1)
    assert expected[1] / (200 * TOOK) == pytest.approx(1, rel=0.1)


def _resize(tx: Connection, job_id: str, rows: int) -> None:
    """Let a past job have had so many rows, and have taken as much longer."""
    times = {"started_at": now(), "finished_at": now() + TOOK * rows / 100}
    steps = update(job_steps).where(job_steps.c.job_id == job_id)
    tx.execute(steps.values(times | {"rows_total": rows}))


def test_without_a_past_only_the_first_start_is_known(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(3):
            add_test(tx)
        queue = _queue(tx, workers=1)
        assert [job.expected_start is None for job in queue] == [False, True, True]
        claim(tx)
        assert {job.expected_start for job in _queue(tx)} == {None}


LIMITED = QueueRules(kind_limits={"k": 1}, large_bytes=10, large_jobs=1)


def _add(tx: Connection, kind: str, file_bytes: int = 1) -> str:
    job = add_test(tx, kind=kind)
    change = update(tests).where(tests.c.test_id == job.test_id).values(file_bytes=file_bytes)
    tx.execute(change)
    return job.job_id


@on_both
def test_the_rules_hold_back_jobs_of_a_kind_and_those_with_large_files(db: Database) -> None:
    with db.writing() as tx:
        rules.store(tx, LIMITED)
        k1, k2 = _add(tx, "k"), _add(tx, "k")
        large1, large2 = _add(tx, "other", 11), _add(tx, "another", 11)
        plain = _add(tx, "other", 10)
        both = _add(tx, "k", 11)
        assert _places(tx) == {k1: 1, k2: 4, large1: 2, large2: 5, plain: 3, both: 6}
        assert demand(tx, at_most=9) == Demand(startable={ANY: 3}, has_held_back=True)
        assert demand(tx, at_most=2).startable == {ANY: 2}
        assert [claim(tx).job_id for _ in range(3)] == [k1, large1, plain]
        assert lifecycle.claim(tx, "w", STEPS) is None
        lifecycle.complete(tx, large1, "w")
        assert _places(tx) == {k2: 2, large2: 1, both: 3}
        assert claim(tx).job_id == large2
        lifecycle.complete(tx, k1, "w")
        lifecycle.promote(tx, both)
        assert claim(tx).job_id == k2, "the other one also waits for large2"
        for job_id in (large2, k2):
            lifecycle.complete(tx, job_id, "w")
        assert claim(tx).job_id == both
        assert demand(tx, at_most=9) == Demand(startable={ANY: 0})


@on_both
def test_a_worker_takes_the_jobs_of_its_routes_only(db: Database) -> None:
    large, small, kind = Route(is_large=True), Route(is_large=False), Route(kind="k")
    with db.writing() as tx:
        rules.store(tx, QueueRules(large_bytes=10))
        first = _add(tx, "other")
        large_k, large_other = _add(tx, "k", 11), _add(tx, "other", 11)
        startable = {large: 1, small: 1, kind: 1, ANY: 2}
        assert demand(tx, list(startable), at_most=9).startable == startable
        assert next_pending(tx, [ANY, kind]) == first
        assert next_pending(tx, [kind]) == large_k
        assert next_pending(tx, [kind, small]) == first
        claimed = lifecycle.claim(tx, "w", STEPS, [large])
        assert claimed is not None
        assert claimed.job_id == large_k
        assert next_pending(tx, [large]) is None, "the limit of large files"
        assert lifecycle.complete(tx, large_k, "w")
        assert next_pending(tx, [large]) == large_other
        assert next_pending(tx, [kind]) is None


def test_no_start_is_expected_if_workers_take_certain_jobs_only(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        (job,) = with_places(tx, _queue(tx), None)
    assert (job.queue_position, job.expected_start) == (1, None)


def _places(tx: Connection) -> dict[str, int | None]:
    pending = [job for job in _queue(tx) if job.status is JobStatus.PENDING]
    return {job.job_id: job.queue_position for job in pending}


def test_a_job_that_is_held_back_is_expected_to_start_when_its_limit_has_room(
    db: Database,
) -> None:
    with db.writing() as tx:
        for kind in ("k", "other") * 3:
            _past_job(tx, kind)
        rules.store(tx, QueueRules(kind_limits={"k": 1}))
        running, free_at = add_test(tx).job_id, now() + timedelta(minutes=5)
        claim(tx)
        ends = update(jobs).where(jobs.c.job_id == running).values(estimated_completion=free_at)
        tx.execute(ends)
        held = [add_test(tx).job_id for _ in range(2)]
        passing = add_test(tx, kind="other").job_id
        starts = {job.job_id: job.expected_start for job in _queue(tx, workers=4)}
    assert starts[held[0]] == free_at
    assert starts[held[1]] == pytest.approx(free_at + 2 * TOOK, abs=timedelta(seconds=1))
    passes = starts[passing]
    assert passes is not None
    assert passes < free_at


def test_without_limits_all_pending_jobs_are_in_demand(db: Database) -> None:
    with db.writing() as tx:
        for _ in range(3):
            add_test(tx)
        assert demand(tx, at_most=9) == Demand(startable={ANY: 3})
        assert demand(tx, at_most=2) == Demand(startable={ANY: 2})


def test_the_rules_are_those_of_the_settings() -> None:
    settings = Settings.model_validate(
        {"kind_limits": "a=2, b=c=1", "large_file_mb": 3, "large_jobs": 4}
    )
    assert QueueRules.of(settings) == QueueRules(
        kind_limits={"a": 2, "b=c": 1}, large_bytes=3_000_000, large_jobs=4
    )
    assert not QueueRules.of(Settings()).limit_anything


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


def test_without_waiting_jobs_nothing_is_read(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        listed = [claim(tx)]
        assert with_places(tx, listed, 1) is listed


def test_a_start_is_expected_by_the_rows_of_past_jobs_of_the_kind(db: Database) -> None:
    """By those of the test's earlier run if there is one, else by the size of the file."""
    with db.writing() as tx:
        for _ in range(eta.MIN_JOBS):
            _past_job(tx)
        tx.execute(update(tests).values(file_bytes=1000))
        first, second = _add(tx, "k", file_bytes=2000), _add(tx, "k")
        starts = {job.job_id: job.expected_start for job in _queue(tx)}
    earlier, later = starts[first], starts[second]
    assert earlier is not None
    assert later is not None
    assert earlier < later
