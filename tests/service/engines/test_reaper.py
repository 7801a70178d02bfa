"""A worker that was taken for lost completes its job after all, while the reaper ends it: one of
them does, the other changes nothing. Each has the database open by itself, as two processes have.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier, Event

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl_monitor.pipeline.base import Cancelled, Outcome, Pipeline, PipelineJob, Report, Step
from etl_monitor.service.engines.job_runner import WorkerContext, run_job
from etl_monitor.service.engines.local import LocalEngine
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.events import event_log
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from etl_monitor.wire.job import Job, JobStatus
from tests.support.records import MINUTE, add_test
from tests.support.scripted import SETTING

RACES = 100
MOST_RACES = 400  # until either side has won once
STEP = 0.002  # seconds by which the next head start differs
ENDS = {"job_completed", "job_failed", "job_cancelled"}
WORKER = "worker-1-lost"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    made = Folders(root=tmp_path)
    made.prepare()
    return made


@pytest.fixture
def reapers(database_url: str) -> Iterator[Database]:
    own = Database(database_url)
    yield own
    own.close()


def _reap(db: Database, folders: Folders) -> None:
    """What an engine does first: here with no worker of its own, so that every job is lost."""
    plan = WorkerPlan(
        data_dir=folders.root,
        pipeline=SETTING["ETL_MONITOR_PIPELINE"],
        kinds_dir=None,
    )
    engine = LocalEngine(db, plan, workers=0)
    engine.start()
    engine.stop()


def _worker(db: Database, folders: Folders, start: Callable[[], None]) -> WorkerContext:
    def finish(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome:
        scores = job.work_dir / "scores.parquet"
        pq.write_table(pa.table({"score": [1]}), scores)
        start()
        return Outcome(respondents=1, scores=scores)

    pipeline = Pipeline(name="last", steps=(Step(name="finish", run=finish),))
    return WorkerContext(
        db=db,
        folders=folders,
        pipeline=pipeline,
        worker=WORKER,
        kinds_dir=None,
        reads=DatabaseOutage(WORKER),
        writes=DatabaseOutage(WORKER),
    )


def _reap_at_once(db: Database, folders: Folders, start: Callable[[], None]) -> None:
    start()
    _reap(db, folders)


def _starts(head_start: float) -> tuple[Callable[[], None], Callable[[], None]]:
    """Of the worker and of the reaper: both at once, but the reaper so many seconds earlier."""
    barrier = Barrier(2)

    def start(late_by: float) -> None:
        barrier.wait(timeout=20)
        Event().wait(max(0.0, late_by))

    return partial(start, head_start), partial(start, -head_start)


def _next_head_start(head_start: float, ended: str) -> float:
    """Whoever lost starts earlier next time: so all races are close, on any machine."""
    if ended == "cancelled":  # either side does the same
        return STEP if head_start <= 0 else -STEP
    return head_start + (STEP if ended == "completed" else -STEP)


@pytest.mark.parametrize("cancelling", [False, True])
def test_a_reaper_and_a_worker_that_both_end_a_job(
    db: Database, reapers: Database, folders: Folders, cancelling: bool
) -> None:
    seen: Counter[str] = Counter()
    expected = {"cancelled"} if cancelling else {"completed", "failed"}
    head_start = 0.0
    with ThreadPoolExecutor(2) as both:
        while seen.total() < RACES or (set(seen) != expected and seen.total() < MOST_RACES):
            job, (of_worker, of_reaper) = _running(db, cancelling), _starts(head_start)
            ends = both.submit(run_job, _worker(db, folders, of_worker), job)
            both.submit(_reap_at_once, reapers, folders, of_reaper).result()
            ends.result()
            ended = _ended_once(db, folders, job)
            seen[ended] += 1
            head_start = _next_head_start(head_start, ended)
    assert set(seen) == expected, f"no race is won by the same side always: {seen}, {head_start}"


def _running(db: Database, cancelling: bool) -> Job:
    with db.writing() as tx:
        add_test(tx)
        job = lifecycle.claim(tx, WORKER, ["finish"])
        assert job is not None
        if cancelling:
            lifecycle.request_cancel(tx, job.job_id, by="kim", reason=None, deadline=MINUTE)
    return job


def _ended_once(db: Database, folders: Folders, job: Job) -> str:
    """How: in the table as in the feed, and with results or without any."""
    with db.reading() as tx:
        over = job_queries.get(tx, job.job_id)
        told = event_log.read_after(tx, 0, limit=1000, job_id=job.job_id)
        has_results = result_queries.has_results(tx, job.test_id or "")
    completed = over.status is JobStatus.COMPLETED
    assert has_results is completed
    assert over.error_code == ("worker_lost" if over.status is JobStatus.FAILED else None)
    (end,) = [event for event in told if event.name in ENDS]
    assert end is told[-1]
    assert json.loads(end.data)["status"] == over.status
    assert (folders.results / f"{job.job_id}.parquet").exists() is completed
    return over.status
