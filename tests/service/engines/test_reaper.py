"""A worker presumed lost completes its job while the reaper ends it: one of them succeeds, the
other changes nothing. Each has its own database connection, as two processes have.
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
MAX_RACES = 400  # until each side has won once
STEP = 0.002  # seconds by which the head start changes after each race
ENDS = {"job_completed", "job_failed", "job_cancelled"}
WORKER = "worker-1-lost"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(root=tmp_path)
    folders.prepare()
    return folders


@pytest.fixture
def reaper_db(database_url: str) -> Iterator[Database]:
    own = Database(database_url)
    yield own
    own.close()


def _reap(db: Database, folders: Folders) -> None:
    """Start an engine without workers, which ends every running job as lost."""
    plan = WorkerPlan(
        folders=folders,
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
    """Return the start signals of worker and reaper, the reaper's so many seconds earlier."""
    barrier = Barrier(2)

    def start(late_by: float) -> None:
        barrier.wait(timeout=20)
        Event().wait(max(0.0, late_by))

    return partial(start, head_start), partial(start, -head_start)


def _next_head_start(head_start: float, ended: str) -> float:
    """Let the loser start earlier next time, so that races are close on any machine."""
    if ended == "cancelled":  # both sides end it like this
        return STEP if head_start <= 0 else -STEP
    return head_start + (STEP if ended == "completed" else -STEP)


@pytest.mark.parametrize("cancelling", [False, True])
def test_a_reaper_and_a_worker_race_to_end_a_job(
    db: Database, reaper_db: Database, folders: Folders, cancelling: bool
) -> None:
    seen: Counter[str] = Counter()
    expected = {"cancelled"} if cancelling else {"completed", "failed"}
    head_start = 0.0
    with ThreadPoolExecutor(2) as both:
        while seen.total() < RACES or (set(seen) != expected and seen.total() < MAX_RACES):
            job, (of_worker, of_reaper) = _running(db, folders, cancelling), _starts(head_start)
            ends = both.submit(run_job, _worker(db, folders, of_worker), job)
            both.submit(_reap_at_once, reaper_db, folders, of_reaper).result()
            ends.result()
            ended = _ended_once(db, folders, job)
            seen[ended] += 1
            head_start = _next_head_start(head_start, ended)
    assert set(seen) == expected, f"neither side may win every race: {seen}, {head_start}"


def _running(db: Database, folders: Folders, cancelling: bool) -> Job:
    with db.writing() as tx:
        test = result_queries.test_row(tx, add_test(tx).test_id or "")
        (folders.root / "uploads" / test.source).touch()
        job = lifecycle.claim(tx, WORKER, ["finish"])
        assert job is not None
        if cancelling:
            lifecycle.request_cancel(tx, job.job_id, by="kim", reason=None, deadline=MINUTE)
    return job


def _ended_once(db: Database, folders: Folders, job: Job) -> str:
    """Return how the job ended, and check that table, feed and results agree."""
    with db.reading() as tx:
        over = job_queries.get(tx, job.job_id)
        events = event_log.read_after(tx, 0, limit=1000, job_id=job.job_id)
        has_results = result_queries.has_results(tx, job.test_id or "")
    completed = over.status is JobStatus.COMPLETED
    assert has_results is completed
    assert over.error_code == ("worker_lost" if over.status is JobStatus.FAILED else None)
    (end,) = [event for event in events if event.name in ENDS]
    assert end is events[-1]
    assert json.loads(end.data)["status"] == over.status
    assert (folders.root / "results" / f"{job.job_id}.parquet").exists() is completed
    return over.status
