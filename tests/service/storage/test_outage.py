"""The database is away: a clear refusal, nothing lost, and it goes on by itself."""

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

SETTINGS = faulty.SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}
AWAY = (503, "database_unavailable")
FAULT = "fault"  # a file beside the data directory


@contextmanager
def _service(folder: Path) -> Iterator[RunningService]:
    """Its database may be hurt."""
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
    """Another program has begun to write, and does not come to an end."""
    other = sqlite3.connect(service.data_dir / "etl.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def _refuses_to_write(service: RunningService) -> Iterator[None]:
    """SQLite says that the database is read-only."""
    fault = service.data_dir.parent / FAULT
    fault.write_text(faulty.READ_ONLY)
    try:
        yield
    finally:
        fault.unlink()


@contextmanager
def _read_only(service: RunningService) -> Iterator[None]:
    """Nobody may change the files, however much they may otherwise do."""
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
    """No file may grow beyond its first byte, as on a disk with errors."""
    if not psutil.LINUX:
        cannot("limits of other processes can be set on Linux only")
    family = [psutil.Process(service.process.pid)]
    family += family[0].children(recursive=True)
    limits = {one: one.rlimit(psutil.RLIMIT_FSIZE) for one in family}
    for one, (_, hard) in limits.items():
        one.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        for one, limit in limits.items():
            one.rlimit(psutil.RLIMIT_FSIZE, limit)


AWAYS = (_locked, _refuses_to_write, _read_only, _unwritable)


@pytest.mark.parametrize("away", AWAYS)
def test_a_database_that_cannot_be_written(
    owner: Person, away: Callable[[RunningService], Any]
) -> None:
    """A job that runs meanwhile is completed afterwards, with its results."""
    service = owner.service
    done = owner.processed()
    test, gate = owner.upload_held()
    job_id = test["activeJob"]["jobId"]
    before = service.data("GET", "/etl/jobs")
    position = service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"]
    with away(service):
        asked = {"userId": owner.user_id, "anpSeq": done["anpSeq"], "forceReprocess": True}
        refused = service.call("POST", "/etl/process", json=asked)
        assert (refused.status_code, refused.json()["error"]["code"]) == AWAY
        assert refused.headers["Retry-After"] == "5"
        assert service.error("POST", f"/etl/jobs/{job_id}/cancel")[:2] == AWAY
        status, code, details = service.error("GET", "/readyz")
        assert (status, code) == (503, "not_ready")
        assert [name for name, one in details["checks"].items() if not one["ok"]] == ["database"]
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


def test_what_is_refused_meanwhile_is_told_by_the_log_alone(owner: Person) -> None:
    """Who may not do it is told so; who may, that it cannot be done now."""
    service, cancel = owner.service, ("POST", "/etl/jobs/abc/cancel")
    viewer = {"Authorization": f"Bearer {new_token(service.data_dir, Role.VIEWER)}"}
    with _refuses_to_write(service):
        assert service.error(*cancel, headers=viewer)[:2] == (403, "forbidden")
        assert service.error(*cancel)[:2] == AWAY
    told = [line for line in _lines(service) if line["event"] == "asked"][-2:]
    assert [(one["role"], one["refused"]) for one in told] == [
        ("viewer", "forbidden"),
        ("admin", "database_unavailable"),
    ]
    assert {one["action"] for one in told} == {"cancel"}


def test_the_log_tells_once_when_it_went_and_once_when_it_was_back(tmp_path: Path) -> None:
    """By everybody of the service's own who noticed: no flood of lines for as long as it lasts.
    A service whose log nothing has hurt yet: where no file can grow, no line is written either."""
    with _service(tmp_path) as service:
        kim = Person(service=service, user_id="kim", folder=tmp_path)
        test, gate = kim.upload_held()
        with _refuses_to_write(service):
            eventually(lambda: _is_told_by_a_worker(service))
        gate.touch()
        kim.job_becomes(test["activeJob"]["jobId"], "completed")
        eventually(lambda: _all_are_back(service))
        assert not any("traceback" in line for line in _lines(service))


def _is_told_by_a_worker(service: RunningService) -> None:
    """By the one that the test keeps busy, which writes all the time."""
    assert any(who.startswith("worker-") for who in _told(_lines(service), "database_outage_began"))


def _all_are_back(service: RunningService) -> None:
    lines = _lines(service)
    away = _told(lines, "database_outage_began")
    assert len(away) == len(set(away)), "it was away once"
    assert sorted(away) == sorted(_told(lines, "database_outage_ended"))


def _told(lines: list[Any], event: str) -> list[str]:
    return [line["who"] for line in lines if line["event"] == event]


def _lines(service: RunningService) -> list[Any]:
    return [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]


def test_a_locked_database_keeps_nobody_from_reading(owner: Person) -> None:
    """Not even while more wait for it than there are threads to answer with."""
    service = owner.service
    path = f"/etl/jobs/{owner.processed()['lastJob']['jobId']}"
    with _locked(service), ThreadPoolExecutor(60) as pool:
        asked = pool.map(lambda _: _cancel(service, path), range(60))
        assert service.data("GET", path)["status"] == "completed"
        assert set(asked) == {503}
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
        refused = spawn_service(data_dir, "--port=0", env=SETTINGS | token, stderr=-1)
        _, said = refused.communicate(timeout=60)
    assert refused.returncode == 1, "another try may succeed"
    assert said.startswith(f"The database in {data_dir} is locked by another program.")
    with running_service(data_dir, env=SETTINGS) as second:
        assert Person(service=second, user_id="kim", folder=tmp_path).test(test["id"]) == test
