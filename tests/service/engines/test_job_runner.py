"""Jobs in real worker processes, and how they end when a process is killed."""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.eventually import eventually
from tests.support.first_jobs import run_first_jobs
from tests.support.lives import all_gone
from tests.support.people import Person
from tests.support.scripted import KIND, PIPELINE, SETTING, Script
from tests.support.service_process import RunningService, running_service

ONE_WORKER = SETTING | {"ETL_MONITOR_WORKERS": "1"}
SETTINGS = SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service whose workers a test may kill: it replaces them."""
    with running_service(tmp_path_factory.mktemp("own") / "data", env=SETTINGS) as running:
        yield running


@pytest.fixture
def owner(own: RunningService, tmp_path: Path) -> Person:
    return Person(service=own, user_id="kim", folder=tmp_path)


def _worker_of(service: RunningService, job: Any) -> psutil.Process:
    """Return the process that runs a job, as named in the log."""
    lines = service.log.read_text("utf-8").splitlines()
    ready = next(line for line in lines if "worker_ready" in line and job["worker"] in line)
    return psutil.Process(json.loads(ready)["pid"])


def _processes(service: RunningService) -> list[psutil.Process]:
    return [
        psutil.Process(service.process.pid),
        *psutil.Process(service.process.pid).children(recursive=True),
    ]


def _gone(path: Path) -> None:
    assert not path.exists()


def test_each_worker_runs_one_job_and_the_rest_wait_in_order(owner: Person) -> None:
    first, first_gate = owner.upload_held()
    second, second_gate = owner.upload_held()
    waiting = [owner.upload() for _ in range(3)]
    ids = [test["activeJob"]["jobId"] for test in waiting]
    assert [owner.job(job_id)["status"] for job_id in ids] == ["pending"] * 3
    first_gate.touch()
    started = [owner.job_becomes(job_id, "completed")["startedAt"] for job_id in ids]
    assert started == sorted(started)
    second_gate.touch()
    owner.job_becomes(second["activeJob"]["jobId"], "completed")
    ended = [owner.job(test["activeJob"]["jobId"]) for test in (first, second)]
    pids = {_worker_of(owner.service, job).pid for job in ended}
    assert len(pids) == 2
    assert owner.service.process.pid not in pids


def test_a_killed_worker_fails_its_job(owner: Person) -> None:
    test, gate = owner.upload_held()
    other, other_gate = owner.upload_held()
    job = owner.job(test["activeJob"]["jobId"])
    _worker_of(owner.service, job).kill()
    lost = owner.job_becomes(job["jobId"], "failed")
    eventually(lambda: _gone(owner.service.data_dir / "work" / job["jobId"]))
    assert lost["errorCode"] == "worker_lost"
    assert [step["status"] for step in lost["steps"]] == ["completed", "failed", "pending"]
    assert owner.job(other["activeJob"]["jobId"])["status"] == "running"
    gate.touch()
    again = owner.service.data("POST", f"/etl/jobs/{job['jobId']}/retry")["jobId"]
    owner.job_becomes(again, "completed")
    other_gate.touch()


def test_a_worker_killed_while_cancelling_leaves_a_cancelled_job(owner: Person) -> None:
    test, _ = owner.upload_held(ignore_cancel=True)
    job_id = test["activeJob"]["jobId"]
    owner.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    _worker_of(owner.service, owner.job(job_id)).kill()
    assert owner.job_becomes(job_id, "cancelled")["errorCode"] is None


@pytest.mark.parametrize("silent", [False, True])
def test_a_step_that_ignores_a_cancel_is_killed_at_the_deadline(
    owner: Person, silent: bool
) -> None:
    test, _ = owner.upload_held(ignore_cancel=True, silent=silent)
    job_id = test["activeJob"]["jobId"]
    owner.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    cancelling = owner.job(job_id)
    assert cancelling["cancelDeadline"] > cancelling["cancelRequestedAt"]
    assert owner.job_becomes(job_id, "cancelled")["forced"] is True
    owner.processed()
    assert owner.processed()["status"] == "completed"


def test_a_silent_step_can_be_cancelled(owner: Person) -> None:
    test, _ = owner.upload_held(silent=True)
    job_id = test["activeJob"]["jobId"]
    owner.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    assert owner.job_becomes(job_id, "cancelled")["forced"] is False


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP on Windows")
def test_a_stopped_worker_is_killed_at_the_deadline(owner: Person) -> None:
    test, _ = owner.upload_held()
    job_id = test["activeJob"]["jobId"]
    _worker_of(owner.service, owner.job(job_id)).suspend()
    owner.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    assert owner.job_becomes(job_id, "cancelled")["forced"] is True


def test_a_worker_that_dies_in_every_job_leaves_the_service_alive(owner: Person) -> None:
    for _ in range(3):
        assert owner.processed(Script(die=True))["lastJob"]["errorCode"] == "worker_lost"
    assert owner.processed()["status"] == "completed"


@pytest.mark.long
def test_a_killed_service_resumes_after_a_restart(data_dir: Path, tmp_path: Path) -> None:
    with running_service(data_dir, env=SETTINGS) as first:
        kim = Person(service=first, user_id="kim", folder=tmp_path)
        done = kim.processed()
        running, _ = kim.upload_held()
        cancelling, _ = kim.upload_held(ignore_cancel=True)
        cancelled = cancelling["activeJob"]["jobId"]
        waiting = kim.upload()
        first.data("POST", f"/etl/jobs/{cancelled}/cancel")
        position = int(first.call("GET", "/etl/jobs").headers["X-Last-Event-Id"])
        family = _processes(first)
        first.kill()
        eventually(lambda: all_gone(family))
    with running_service(data_dir, env=SETTINGS) as second:
        kim = Person(service=second, user_id="kim", folder=tmp_path)
        lost = kim.job_becomes(running["activeJob"]["jobId"], "failed")
        assert lost["errorCode"] == "worker_lost"
        kim.job_becomes(cancelled, "cancelled")
        kim.job_becomes(waiting["activeJob"]["jobId"], "completed")
        assert kim.test(done["id"]) == done
        now = int(second.call("GET", "/etl/jobs").headers["X-Last-Event-Id"])
        assert now > position
        assert _work_left(second) == []


def _work_left(service: RunningService) -> list[Path]:
    return [path for name in ("work", "incoming") for path in (service.data_dir / name).iterdir()]


@pytest.mark.long
def test_no_process_remains_when_the_parent_exits(data_dir: Path, tmp_path: Path) -> None:
    with running_service(data_dir, env=ONE_WORKER) as running:
        kim = Person(service=running, user_id="kim", folder=tmp_path)
        kim.upload_held()
        feed = running.call("GET", "/etl/jobs/stream", stream=True)
        family = _processes(running)
        assert running.process.stdin is not None
        running.process.stdin.close()
        eventually(lambda: all_gone(family), within=30)
        feed.close()
        assert running.process.wait() == 0


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="no signals to others on Windows")
def test_a_signal_ends_the_service_with_open_feeds(data_dir: Path, tmp_path: Path) -> None:
    """Either signal does; the job starts over each time."""
    with running_service(data_dir, env=ONE_WORKER) as running:
        test, gate = Person(service=running, user_id="kim", folder=tmp_path).upload_held()
        _is_ended_by(running, signal.SIGTERM)
    job_id = test["activeJob"]["jobId"]
    with running_service(data_dir, env=ONE_WORKER) as running:
        Person(service=running, user_id="kim", folder=tmp_path).job_is_held(job_id)
        _is_ended_by(running, signal.SIGINT)
    with running_service(data_dir, env=ONE_WORKER) as running:
        gate.touch()
        kim = Person(service=running, user_id="kim", folder=tmp_path)
        job = kim.job_becomes(job_id, "completed")
        assert (job["errorCode"], job["attempt"], job["restarts"]) == (None, 1, 2)
        assert [line["code"] for line in job["log"]].count("restarted") == 2


def _is_ended_by(running: RunningService, signal_number: int) -> None:
    feed = running.call("GET", "/etl/jobs/stream", stream=True)
    family = _processes(running)
    os.kill(running.process.pid, signal_number)
    assert running.process.wait(timeout=60) == 0
    eventually(lambda: all_gone(family), within=30)
    feed.close()
    assert "Traceback" not in running.log.read_text("utf-8")


@pytest.mark.long
def test_running_jobs_finish_within_the_grace_period(data_dir: Path, tmp_path: Path) -> None:
    setting = ONE_WORKER | {"ETL_MONITOR_STOP_GRACE": "60"}
    with running_service(data_dir, env=setting) as running:
        kim = Person(service=running, user_id="kim", folder=tmp_path)
        test, gate = kim.upload_held()
        waiting = kim.upload()
        assert running.process.stdin is not None
        running.process.stdin.close()
        eventually(lambda: _has_logged(running, "parent_exited"))
        gate.touch()
        assert running.process.wait(timeout=60) == 0
    with running_service(data_dir, env=ONE_WORKER) as running:
        kim = Person(service=running, user_id="kim", folder=tmp_path)
        assert kim.job_becomes(test["activeJob"]["jobId"], "completed")["restarts"] == 0
        assert kim.job_becomes(waiting["activeJob"]["jobId"], "completed")["restarts"] == 0


def _has_logged(service: RunningService, event: str) -> None:
    assert event in service.log.read_text("utf-8")


@pytest.mark.long
def test_unreferenced_files_are_set_aside_at_the_start(data_dir: Path, tmp_path: Path) -> None:
    tests = run_first_jobs(data_dir, {}, PIPELINE, KIND, {"A test": Script().file()})
    for name in ("uploads", "results", "incoming", "work"):
        (data_dir / name / "orphan").write_text("left behind")
    (data_dir / "work" / "job").mkdir()
    with running_service(data_dir, env=ONE_WORKER) as running:
        lost = {path.parent.name for path in data_dir.rglob("orphan")}
        assert lost == {"uploads", "results"}, "what was unfinished is gone"
        assert all(path.is_relative_to(data_dir / "lost") for path in data_dir.rglob("orphan"))
        assert running.call("GET", f"/tests/results/{tests['A test']}/scores").ok
        again = {"userId": "kim", "anpSeq": 1, "forceReprocess": True}
        job_id = running.data("POST", "/etl/process", json=again)["jobId"]
        Person(service=running, user_id="kim", folder=tmp_path).job_becomes(job_id, "completed")
        assert len(list((data_dir / "results").iterdir())) == 1
