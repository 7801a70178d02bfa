"""The engine by itself, without the service around it."""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from etl_monitor.service.engines import local
from etl_monitor.service.engines.liveness import BEAT_INTERVAL
from etl_monitor.service.engines.local import LocalEngine
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import registration
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.settings import Settings
from etl_monitor.wire.job import Job, JobStatus
from tests.support.eventually import eventually
from tests.support.scripted import KIND, UNHURRIED_SETTING, Script

HUNG_AFTER = 2.0  # seconds


@pytest.fixture
def pipeline() -> str:
    return UNHURRIED_SETTING["ETL_MONITOR_PIPELINE"]


@pytest.fixture
def renew_after() -> float:
    return 300


@pytest.fixture
def engine(
    db: Database, tmp_path: Path, pipeline: str, renew_after: float
) -> Iterator[LocalEngine]:
    folders = Folders(root=tmp_path)
    folders.prepare()
    plan = WorkerPlan(folders=folders, pipeline=pipeline, kinds_dir=None, renew_after=renew_after)
    engine = LocalEngine(db, plan, workers=1, hung_after=HUNG_AFTER)
    engine.start()
    yield engine
    engine.stop()


def _queued(db: Database, folder: Path, script: Script) -> Job:
    (folder / "uploads" / "script.json").write_bytes(script.file())
    new = registration.NewTest(
        user_id="kim", title="t", test_kind=KIND, file_name="a", source="script.json"
    )
    with db.writing() as tx:
        return registration.register_test(tx, new, requested_by="kim", step_count=3)


def _becomes(db: Database, job: Job, status: JobStatus) -> Job:
    def has_become() -> Job:
        with db.reading() as tx:
            found = job_queries.get(tx, job.job_id)
        assert found.status is status, found
        return found

    return eventually(has_become, within=60)


def _is_in_step(db: Database, job: Job, step: str) -> None:
    with db.reading() as tx:
        assert job_queries.get(tx, job.job_id).current_step == step


def _running(engine: LocalEngine, db: Database, folder: Path, script: Script) -> tuple[Job, int]:
    """Start a job. Returns it with the id of the process that runs it."""
    job = _queued(db, folder, script)
    engine.notify_job(job.job_id)
    _becomes(db, job, JobStatus.RUNNING)
    return job, _pid(engine)


def _pid(engine: LocalEngine) -> int:
    (worker,) = engine.workers()
    assert worker.pid is not None
    return worker.pid


def _wait_beyond_the_silence_limit() -> None:
    """Wait for longer than a worker may be silent."""
    until = time.monotonic() + HUNG_AFTER + 1

    def is_over() -> None:
        assert time.monotonic() >= until

    eventually(is_over, within=HUNG_AFTER + 5)


@pytest.mark.parametrize("renew_after", [0.0])
def test_an_idle_worker_that_had_a_job_gives_its_memory_back(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    first = _queued(db, tmp_path, Script())
    before = _pid(engine)
    engine.notify_job(first.job_id)
    _becomes(db, first, JobStatus.COMPLETED)

    def is_renewed() -> None:
        assert _pid(engine) != before

    eventually(is_renewed, within=60)
    second = _queued(db, tmp_path, Script())
    engine.notify_job(second.job_id)
    assert _becomes(db, second, JobStatus.COMPLETED).attempt == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP on Windows")
def test_a_hung_worker_is_detected(engine: LocalEngine, db: Database, tmp_path: Path) -> None:
    job, pid = _running(engine, db, tmp_path, Script(gate=str(tmp_path / "never")))
    eventually(lambda: _is_in_step(db, job, "work"))  # the step before it may be silent
    psutil.Process(pid).suspend()
    assert _becomes(db, job, JobStatus.FAILED).error_code == "worker_lost"
    eventually(lambda: _another(engine, pid))


def test_a_hung_step_is_detected(engine: LocalEngine, db: Database, tmp_path: Path) -> None:
    """The step lets the worker's other threads run, and gives no sign of life."""
    job, pid = _running(engine, db, tmp_path, Script(gate=str(tmp_path / "never"), hangs=True))
    over = _becomes(db, job, JobStatus.FAILED)
    assert (over.error_code, over.current_step) == ("worker_lost", "work")
    assert over.error_details == {"reason": "hung", "step": "work", "seconds": HUNG_AFTER}
    assert "no sign of life for 2 s" in (over.error_message or "")
    eventually(lambda: _another(engine, pid))
    after = _queued(db, tmp_path, Script())
    assert _becomes(db, after, JobStatus.COMPLETED).error_code is None


def test_a_step_that_only_checks_for_cancellation_is_alive(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job, pid = _running(engine, db, tmp_path, Script(gate=str(gate), silent=True))
    _wait_beyond_the_silence_limit()
    gate.touch()
    _becomes(db, job, JobStatus.COMPLETED)
    assert _pid(engine) == pid


@pytest.mark.parametrize("pipeline", ["tests.support.scripted:SILENT_STEP"])
def test_a_step_may_declare_a_longer_silence(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    job, pid = _running(engine, db, tmp_path, Script(gate=str(gate), hangs=True))
    _wait_beyond_the_silence_limit()
    gate.touch()
    _becomes(db, job, JobStatus.COMPLETED)
    assert _pid(engine) == pid


def test_waiting_for_a_locked_database_is_not_hanging(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    """This holds in a report and at the end of a job."""
    job, pid = _running(engine, db, tmp_path, Script(gate=str(tmp_path / "gate")))
    with db.writing():
        _wait_beyond_the_silence_limit()
        (tmp_path / "gate").touch()
        _wait_beyond_the_silence_limit()
    _becomes(db, job, JobStatus.COMPLETED)
    assert _pid(engine) == pid


def test_a_hung_worker_is_detected_within_a_minute() -> None:
    """A service's engine has a longer limit than the engine above."""
    hung_after = Settings.model_fields["hung_after"].default
    assert hung_after + local.POLL_INTERVAL + BEAT_INTERVAL < 60


def _another(engine: LocalEngine, pid: int | None) -> None:
    (worker,) = engine.workers()
    assert worker.alive
    assert worker.pid != pid


def test_only_the_worker_that_still_runs_the_job_is_killed_at_its_deadline(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    """Between the query and the kill the worker claimed another job."""
    gate = tmp_path / "gate"
    stale, pid = _running(engine, db, tmp_path, Script(gate=str(gate)))
    gate.touch()
    stale = _becomes(db, stale, JobStatus.COMPLETED)
    gate.unlink()
    innocent, _ = _running(engine, db, tmp_path, Script(gate=str(gate)))
    engine._force(stale)
    gate.touch()
    assert _becomes(db, innocent, JobStatus.COMPLETED).worker == stale.worker
    assert _pid(engine) == pid


def test_a_stop_returns_running_jobs_to_the_queue(
    engine: LocalEngine, db: Database, tmp_path: Path
) -> None:
    job, _ = _running(engine, db, tmp_path, Script(gate=str(tmp_path / "never")))
    engine.stop()
    queued = _becomes(db, job, JobStatus.PENDING)
    assert (queued.attempt, queued.restarts, queued.worker) == (1, 1, None)
    assert list((tmp_path / "work").iterdir()) == []
    assert not any(worker.alive for worker in engine.workers())


def test_a_worker_that_ends_during_a_check_is_reported_with_its_signal(
    engine: LocalEngine, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, pid = _running(engine, db, tmp_path, Script(gate=str(tmp_path / "never")))
    running_jobs = engine._running_jobs

    def kill_and_list() -> list[Job]:
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
            eventually(lambda: _has_ended(pid))
        return list(running_jobs())

    monkeypatch.setattr(engine, "_running_jobs", kill_and_list)
    ended = _becomes(db, job, JobStatus.FAILED)
    assert "SIGKILL" in (ended.error_message or "")


def _has_ended(pid: int) -> None:
    """Not waited for: that is the engine's business."""
    assert psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
