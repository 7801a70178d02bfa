"""The life cycle of a job, in a real database file."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from etl_monitor.errors import ApiError, Conflict, NotFound, PipelineError
from etl_monitor.service.events import event_log
from etl_monitor.service.events.event_log import LoggedEvent
from etl_monitor.service.jobs import creation, lifecycle, log
from etl_monitor.service.jobs import pages as job_pages
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.filter import JobFilter
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage import tables as t
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import MINUTE, STEPS, add_test, claim, progress

pytestmark = pytest.mark.databases("sqlite", "postgresql")

BAD = PipelineError("bad", "Bad answers.", {"rows": 3})


def _events(db: Database) -> list[LoggedEvent]:
    with db.reading() as tx:
        return list(event_log.read_after(tx, 0, limit=10_000))


def _data(event: LoggedEvent) -> Any:
    return json.loads(event.data)


def test_a_new_job_is_pending_and_its_event_has_all_fields(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx)
    (event,) = _events(db)
    assert (event.position, event.name) == (1, "job_started")
    assert Job.model_validate_json(event.data) == job
    with db.reading() as tx:
        assert job_queries.get(tx, job.job_id) == job
    assert (job.status, job.attempt, job.root_id) == (JobStatus.PENDING, 1, job.job_id)


def test_workers_claim_jobs_in_the_order_of_their_creation(db: Database) -> None:
    with db.writing() as tx:
        created = [add_test(tx).job_id for _ in range(3)]
        assert [claim(tx).job_id for _ in range(3)] == created
        assert lifecycle.claim(tx, "w", STEPS) is None


def test_progress_is_a_partial_update(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        assert lifecycle.advance(tx, job_id, "w", progress(1, 25, 50))
    claimed, advanced = _events(db)[1:]
    assert (claimed.name, _data(claimed)["status"]) == ("job_progress", "running")
    data = _data(advanced)
    assert (data["jobId"], data["progress"], data["rowsDone"]) == (job_id, 25, 50)
    assert "status" not in data
    assert "title" not in data


def test_only_its_worker_advances_or_ends_a_job(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx, "w1")
        assert not lifecycle.advance(tx, job_id, "w2", progress(1, 99))
        assert not lifecycle.complete(tx, job_id, "w2")
        assert not lifecycle.fail(tx, job_id, "w2", BAD)
        assert not lifecycle.heartbeat(tx, job_id, "w2")
        assert job_queries.get(tx, job_id).status is JobStatus.RUNNING
    assert len(_events(db)) == 2


def test_a_completion_is_one_event(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        assert lifecycle.complete(tx, job_id, "w")
        job = job_queries.get(tx, job_id)
    event = _events(db)[-1]
    data = _data(event)
    assert event.name == "job_completed"
    assert data["completedAt"] == data["finishedAt"]
    assert (data["progress"], data["status"], job.progress) == (100, "completed", 100)


def test_a_failed_job_has_code_message_and_details(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        lifecycle.advance(tx, job_id, "w", progress(1, 10, 20))
        assert lifecycle.fail(tx, job_id, "w", BAD)
        detail = job_queries.detail(tx, job_id)
    data = _data(_events(db)[-1])
    assert (data["errorCode"], data["errorMessage"]) == ("bad", "Bad answers.")
    assert data["errorDetails"] == {"rows": 3}
    assert data["failedAt"]
    assert [step.status for step in detail.steps] == [JobStatus.FAILED, JobStatus.PENDING]
    assert detail.steps[0].finished_at is not None


def test_a_pending_job_is_cancelled_at_once(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        job = lifecycle.request_cancel(tx, job_id, by="lee", reason="wrong file", deadline=MINUTE)
    data = _data(_events(db)[-1])
    assert job.status is JobStatus.CANCELLED
    assert data["cancelledAt"]
    assert (data["cancelRequestedBy"], data["cancelReason"]) == ("lee", "wrong file")


def test_once_a_cancel_is_accepted_the_job_ends_cancelled(db: Database) -> None:
    with db.writing() as tx:
        first, second = add_test(tx).job_id, add_test(tx).job_id
        for job_id in (first, second):
            claim(tx)
            created = lifecycle.request_cancel(tx, job_id, by="lee", reason=None, deadline=MINUTE)
            assert created.cancel_deadline is not None
        assert not lifecycle.complete(tx, first, "w")
        assert lifecycle.end_cancelled(tx, first, "w")
        assert lifecycle.fail(tx, second, "w", BAD)
        ends = [job_queries.get(tx, job_id) for job_id in (first, second)]
    assert [job.status for job in ends] == [JobStatus.CANCELLED] * 2
    assert [job.error_code for job in ends] == [None, None]


def test_a_second_cancel_request_changes_nothing(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        once = lifecycle.request_cancel(tx, job_id, by="lee", reason="a", deadline=MINUTE)
        again = lifecycle.request_cancel(tx, job_id, by="kim", reason="b", deadline=MINUTE)
    assert again == once
    assert len(_events(db)) == 3


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_a_finished_job_cannot_be_cancelled(db: Database, end: str) -> None:
    with db.writing() as tx:
        job_id = _ended(tx, end)
        with pytest.raises(Conflict) as caught:
            lifecycle.request_cancel(tx, job_id, by="lee", reason=None, deadline=MINUTE)
    assert (caught.value.code, caught.value.details["status"]) == ("job_not_cancellable", end)


def _ended(tx: Any, end: str) -> str:
    job_id = add_test(tx).job_id
    claim(tx)
    if end == "completed":
        lifecycle.complete(tx, job_id, "w")
    elif end == "failed":
        lifecycle.fail(tx, job_id, "w", BAD)
    else:
        lifecycle.request_cancel(tx, job_id, by="lee", reason=None, deadline=MINUTE)
        lifecycle.end_cancelled(tx, job_id, "w")
    return job_id


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_retry_is_a_new_job_of_the_same_family(db: Database, end: str) -> None:
    with db.writing() as tx:
        old = job_queries.get(tx, _ended(tx, end))
        test = result_queries.test_row(tx, old.test_id or "")
        old = old.model_copy(update={"force_reprocess": True})
        new = creation.retry(tx, test, old, requested_by="lee", step_count=2)
        relatives = job_queries.family(tx, old.job_id)
    assert (new.retry_of, new.root_id, new.attempt) == (old.job_id, old.job_id, 2)
    assert [job.job_id for job in relatives] == [old.job_id, new.job_id]
    assert (new.requested_by, new.force_reprocess) == ("lee", True), (
        "the retry is forced like the first attempt"
    )


@pytest.mark.parametrize("end", ["pending", "running", "completed"])
def test_only_failed_and_cancelled_jobs_can_be_retried(db: Database, end: str) -> None:
    with db.writing() as tx:
        job_id = _ended(tx, end) if end == "completed" else add_test(tx).job_id
        if end == "running":
            claim(tx)
        old = job_queries.get(tx, job_id)
        test = result_queries.test_row(tx, old.test_id or "")
        with pytest.raises(Conflict) as caught:
            creation.retry(tx, test, old, requested_by="lee", step_count=2)
    assert caught.value.code == "job_not_retryable"


def test_a_test_has_one_active_job(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx)
        test = result_queries.test_row(tx, job.test_id or "")
        with pytest.raises(Conflict) as caught:
            creation.create(tx, test, requested_by="lee", step_count=2)
    assert caught.value.code == "test_already_processing"
    assert caught.value.details == {"testId": job.test_id, "jobId": job.job_id}


def test_a_unique_index_allows_one_active_job_per_test(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        row = dict(tx.execute(select(*t.stored(t.jobs))).one()._mapping)
    twin = row | {"job_id": "twin", "sequence": 99}
    with pytest.raises(IntegrityError), db.writing() as tx:
        tx.execute(insert(t.jobs).values(**twin))
    with db.writing() as tx:
        tx.execute(insert(t.jobs).values(**(twin | {"status": "failed"})))


def test_a_job_for_a_deleted_test_is_not_created(db: Database) -> None:
    with db.writing() as tx:
        job = add_test(tx)
        test = result_queries.test_row(tx, job.test_id or "")
        lifecycle.remove(tx, job.job_id)
        tx.execute(delete(t.tests))
        with pytest.raises(IntegrityError):
            creation.create(tx, test, requested_by="lee", step_count=2)


def test_a_removal_is_an_event_and_no_worker_can_undo_it(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        lifecycle.remove(tx, job_id)
        assert not lifecycle.complete(tx, job_id, "w")
        log.write(tx, job_id, [])
        with pytest.raises(NotFound):
            job_queries.get(tx, job_id)
    event = _events(db)[-1]
    assert event.name == ""
    assert _data(event) == {"type": "job_removed", "jobId": job_id}


def test_a_rollback_leaves_no_gap_in_the_event_log(db: Database) -> None:
    with pytest.raises(IntegrityError):
        _add_and_fail(db)
    with db.writing() as tx:
        add_test(tx)
    assert [event.position for event in _events(db)] == [1]


def _add_and_fail(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        tx.execute(insert(t.meta).values(key="no value", value=None))


MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["add", "claim", "advance", "complete", "fail", "cancel", "stop", "retry", "beat"]
        ),
        st.integers(0, 5),
        st.sampled_from(["w1", "w2"]),
    ),
    max_size=40,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=MOVES)
def test_the_events_alone_reproduce_the_list(
    db: Database, moves: list[tuple[str, int, str]]
) -> None:
    """After any moves in any order no number is missing, final states have stayed, and the events
    contain everything that the database has."""
    with db.writing() as tx:
        _empty(tx)
    for move, which, worker in moves:
        with db.writing() as tx:
            _make(tx, move, which, worker)
    events = _events(db)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    with db.reading() as tx:
        listed = {job.job_id: job for job in job_pages.page(tx, JobFilter(), limit=1000).jobs}
    assert _replayed(events) == listed


def _empty(tx: Any) -> None:
    for table in (t.job_steps, t.job_log, t.jobs, t.tests, t.events):
        tx.execute(delete(table))
    tx.execute(t.event_counter.update().values(position=0))


def _make(tx: Any, move: str, which: int, worker: str) -> None:
    ids = tx.execute(select(t.jobs.c.job_id).order_by(t.jobs.c.sequence)).scalars().all()
    if move == "add" or not ids:
        add_test(tx)
        return
    job = job_queries.get(tx, ids[which % len(ids)])
    test = result_queries.test_row(tx, job.test_id or "")
    advanced = progress(1 + which % 2, 10 * which)
    made: dict[str, Callable[[], object]] = {
        "claim": lambda: lifecycle.claim(tx, worker, STEPS),
        "advance": lambda: lifecycle.advance(tx, job.job_id, worker, advanced),
        "beat": lambda: lifecycle.heartbeat(tx, job.job_id, worker),
        "complete": lambda: lifecycle.complete(tx, job.job_id, worker),
        "fail": lambda: lifecycle.fail(tx, job.job_id, worker, BAD),
        "stop": lambda: lifecycle.end_cancelled(tx, job.job_id, worker),
        "cancel": lambda: lifecycle.request_cancel(
            tx, job.job_id, by="lee", reason=None, deadline=MINUTE
        ),
        "retry": lambda: creation.retry(tx, test, job, requested_by="lee", step_count=2),
    }
    savepoint = tx.begin_nested()
    try:
        made[move]()
        savepoint.commit()
    except ApiError:
        savepoint.rollback()


def _replayed(events: list[LoggedEvent]) -> dict[str, Job]:
    by_id: dict[str, Job] = {}
    for event in events:
        update = Job.model_validate_json(event.data)
        old = by_id.get(update.job_id)
        assert old is None or old.status.is_active, "a final state changed"
        by_id[update.job_id] = old.merged(update) if old else update
    return by_id


def test_a_job_requeued_by_a_planned_stop_keeps_its_place_and_its_attempt(db: Database) -> None:
    with db.writing() as tx:
        stopped, waiting = add_test(tx).job_id, add_test(tx).job_id
        claim(tx)
        lifecycle.advance(tx, stopped, "w", progress(2, 60, 50))
        assert not lifecycle.requeue(tx, stopped, "another worker")
        assert lifecycle.requeue(tx, stopped, "w")
        assert not lifecycle.requeue(tx, stopped, "w"), "it is nobody's any more"
        job = job_queries.detail(tx, stopped)
        assert (job.status, job.progress, job.worker) == (JobStatus.PENDING, 0, None)
        assert (job.attempt, job.restarts, job.started_at, job.steps) == (1, 1, None, ())
        assert [line.code for line in job.log] == ["restarted"]
        assert [claim(tx).job_id, claim(tx).job_id] == [stopped, waiting]
        assert lifecycle.complete(tx, stopped, "w")
    requeued = _events(db)[4]
    assert (requeued.name, _data(requeued)["status"]) == ("job_progress", "pending")


def test_a_job_whose_cancel_was_requested_is_not_requeued(db: Database) -> None:
    with db.writing() as tx:
        job_id = add_test(tx).job_id
        claim(tx)
        lifecycle.request_cancel(tx, job_id, by="kim", reason=None, deadline=MINUTE)
        assert not lifecycle.requeue(tx, job_id, "w")
        assert lifecycle.end_cancelled(tx, job_id, "w")
