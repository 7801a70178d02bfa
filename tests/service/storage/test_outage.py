"""A database outage: requests get a clear error, nothing is lost, and work resumes by itself."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from etl_monitor.wire.roles import Role
from tests.support import faulty
from tests.support.eventually import eventually
from tests.support.needs import cannot
from tests.support.people import Person
from tests.support.service_process import RunningService, running_service, spawn_service
from tests.support.some_tokens import new_token

pytestmark = pytest.mark.long

SETTINGS = faulty.SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}
UNAVAILABLE = (503, "database_unavailable")
FAULT = "fault"  # a file beside the data directory


@contextmanager
def _service(folder: Path) -> Iterator[RunningService]:
    """Run a service whose database can fail."""
    fault = {"FAULT_FILE": str(folder / FAULT)}
    with running_service(folder / "data", env=SETTINGS | fault) as running:
        yield running


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with _service(tmp_path_factory.mktemp("away")) as running:
        yield running


@pytest.fixture
def owner(own: RunningService, request: pytest.FixtureRequest, tmp_path: Path) -> Person:
    return Person(service=own, user_id=request.node.name, folder=tmp_path)


@contextmanager
def _locked(service: RunningService) -> Iterator[None]:
    """Hold a write transaction, as another program would."""
    other = sqlite3.connect(service.data_dir / "etl.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _refuses_to_write(service: RunningService) -> Iterator[None]:
    """Make SQLite report the database as read-only."""
    fault = service.data_dir.parent / FAULT
    fault.write_text(faulty.READ_ONLY)
    try:
        yield
    finally:
        fault.unlink()


@contextmanager
def _read_only(service: RunningService) -> Iterator[None]:
    """Make the files immutable, even for root."""
    files = [service.data_dir / name for name in ("etl.sqlite", "etl.sqlite-wal")]
    if shutil.which("chattr") is None or _chattr("+i", files) != 0:
        cannot("files cannot be made immutable here", shown_by=_refuses_to_write.__name__)
    try:
        yield
    finally:
        assert _chattr("-i", files) == 0


def _chattr(change: str, files: list[Path]) -> int:
    return subprocess.run(["chattr", change, *files], capture_output=True).returncode


@contextmanager
def _unwritable(service: RunningService) -> Iterator[None]:
    """Let no file grow beyond its first byte, as on a disk with errors."""
    if not psutil.LINUX:
        cannot("limits of other processes can be set on Linux only")
    family = [psutil.Process(service.process.pid)]
    family += family[0].children(recursive=True)
    limits = {process: process.rlimit(psutil.RLIMIT_FSIZE) for process in family}
    for process, (_, hard) in limits.items():
        process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        for process, limit in limits.items():
            process.rlimit(psutil.RLIMIT_FSIZE, limit)


OUTAGES = (_locked, _refuses_to_write, _read_only, _unwritable)


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_unwritable_database_rejects_requests_and_loses_nothing(
    owner: Person, outage: Callable[[RunningService], Any]
) -> None:
    """A job that runs during the outage completes after it, with its results."""
    service = owner.service
    done = owner.processed()
    test, gate = owner.upload_held()
    job_id = test["activeJob"]["jobId"]
    before = service.data("GET", "/etl/jobs")
    position = service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    with outage(service):
        body = {"userId": owner.user_id, "anpSeq": done["anpSeq"], "forceReprocess": True}
        rejected = service.call("POST", "/etl/process", json=body)
        assert (rejected.status_code, rejected.json()["error"]["code"]) == UNAVAILABLE
        assert rejected.headers["Retry-After"] == "5"
        assert service.error("POST", f"/etl/jobs/{job_id}/cancel")[:2] == UNAVAILABLE
        status, code, details = service.error("GET", "/readyz")
        assert (status, code) == (503, "not_ready")
        assert [name for name, check in details["checks"].items() if not check["ok"]] == [
            "database"
        ]
        assert owner.test(done["id"]) == done
        assert [job["jobId"] for job in service.data("GET", "/etl/jobs")] == [
            job["jobId"] for job in before
        ]
        gate.touch()
    over = owner.job_becomes(job_id, "completed", within=60)
    assert (over["cancelRequestedAt"], over["errorCode"]) == (None, None)
    assert owner.test(test["id"])["respondents"] == 100
    assert service.data("GET", "/readyz")["ready"] is True
    assert owner.processed()["status"] == "completed"
    assert int(service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]) > int(position)


def test_requests_rejected_during_an_outage_are_only_in_the_log(owner: Person) -> None:
    """Without the right the reply is 403, with it 503."""
    service, cancel = owner.service, ("POST", "/etl/jobs/abc/cancel")
    viewer = {"Authorization": f"Bearer {new_token(service.data_dir, Role.VIEWER)}"}
    with _refuses_to_write(service):
        assert service.error(*cancel, headers=viewer)[:2] == (403, "forbidden")
        assert service.error(*cancel)[:2] == UNAVAILABLE
    entries = [line for line in _lines(service) if line["event"] == "action_finished"][-2:]
    assert [(entry["role"], entry["refused"]) for entry in entries] == [
        ("viewer", "forbidden"),
        ("admin", "database_unavailable"),
    ]
    assert {entry["action"] for entry in entries} == {"cancel"}


def test_the_log_has_one_line_for_the_begin_and_one_for_the_end_of_an_outage(
    tmp_path: Path,
) -> None:
    """Each component that notices the outage logs it once, however long it lasts. The service is a
    new one, since the log of one whose files could not grow has gaps."""
    with _service(tmp_path) as service:
        kim = Person(service=service, user_id="kim", folder=tmp_path)
        test, gate = kim.upload_held()
        with _refuses_to_write(service):
            eventually(lambda: _a_worker_logs_it(service))
        gate.touch()
        kim.job_becomes(test["activeJob"]["jobId"], "completed")
        eventually(lambda: _all_are_back(service))
        assert not any("traceback" in line for line in _lines(service))


def _a_worker_logs_it(service: RunningService) -> None:
    """The worker that the test keeps busy writes all the time."""
    assert any(
        who.startswith("worker-") for who in _components(_lines(service), "database_outage_began")
    )


def _all_are_back(service: RunningService) -> None:
    lines = _lines(service)
    outage = _components(lines, "database_outage_began")
    assert len(outage) == len(set(outage)), "one outage, one line"
    assert sorted(outage) == sorted(_components(lines, "database_outage_ended"))


def _components(lines: list[Any], event: str) -> list[str]:
    return [line["component"] for line in lines if line["event"] == event]


def _lines(service: RunningService) -> list[Any]:
    return [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]


def test_a_locked_database_can_be_read(owner: Person) -> None:
    """Even while more requests wait for it than the service has threads."""
    service = owner.service
    path = f"/etl/jobs/{owner.processed()['lastJob']['jobId']}"
    with _locked(service), ThreadPoolExecutor(60) as pool:
        statuses = pool.map(lambda _: _cancel(service, path), range(60))
        assert service.data("GET", path)["status"] == "completed"
        assert set(statuses) == {503}
    assert owner.processed()["status"] == "completed"


def _cancel(service: RunningService, path: str) -> int:
    headers = {"Authorization": f"Bearer {service.token}"}
    address = f"{service.base_url}{path}/cancel"
    return requests.post(address, headers=headers, timeout=60).status_code


def test_the_service_starts_once_the_database_is_free(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running_service(data_dir, env=SETTINGS) as first:
        test = Person(service=first, user_id="kim", folder=tmp_path).processed()
    with _locked(first):
        token = {"ETL_MONITOR_API_TOKEN": "t"}
        rejected = spawn_service(data_dir, "--port=0", env=SETTINGS | token, stderr=-1)
        _, said = rejected.communicate(timeout=240)
    assert rejected.returncode == 1, "another try may succeed"
    assert said.startswith(f"The database in {data_dir} is locked by another program.")
    with running_service(data_dir, env=SETTINGS) as second:
        assert Person(service=second, user_id="kim", folder=tmp_path).test(test["id"]) == test
