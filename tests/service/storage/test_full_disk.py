"""A full disk: requests get a clear error, nothing is lost, and work resumes when there is room."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import faulty
from tests.support.eventually import eventually
from tests.support.needs import cannot
from tests.support.people import Person
from tests.support.scripted import KIND, Script
from tests.support.service_process import RunningService, running_service

SETTINGS = faulty.SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}
FULL = (507, "disk_full")
MB = 1_000_000
SMALL_DISK = 120 * MB


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a data directory with a file system of its own."""
    folder = tmp_path_factory.mktemp("disk") / "data"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "etl-monitor-test", str(folder)]
    if sys.platform == "win32" or subprocess.run(mount, capture_output=True).returncode != 0:
        cannot("a small disk cannot be mounted here", shown_by="the scripted disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _filled(disk: Path, but: int) -> Iterator[None]:
    """Fill the disk except for so many bytes."""
    filler, page = disk / "filler", bytes(65_536)
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while shutil.disk_usage(disk).free >= but:
            file.write(page)
    try:
        yield
    finally:
        filler.unlink(missing_ok=True)


@dataclass(frozen=True, kw_only=True)
class Disk:
    """`filled` leaves only so many bytes free; `fills_up` leaves room, but less than 80 MB."""

    data_dir: Path
    environment: dict[str, str]
    filled: Callable[[int], AbstractContextManager[None]]
    fills_up: Callable[[], AbstractContextManager[None]]


def _mounted(request: pytest.FixtureRequest) -> Disk:
    folder: Path = request.getfixturevalue("small_disk")
    return Disk(
        data_dir=folder,
        environment=SETTINGS,
        filled=lambda but: _filled(folder, but),
        fills_up=lambda: _filled(folder, 60 * MB),
    )


def _scripted(request: pytest.FixtureRequest) -> Disk:
    if not faulty.FULL_DEVICE.exists():
        cannot("no device here is always full")
    folder: Path = request.getfixturevalue("tmp_path")
    fault = folder / "fault"

    @contextmanager
    def fault_set(fault_name: str) -> Iterator[None]:
        fault.write_text(fault_name)
        try:
            yield
        finally:
            fault.unlink()

    return Disk(
        data_dir=folder / "data",
        environment=SETTINGS | {"FAULT_FILE": str(fault)},
        filled=lambda but: fault_set(f"{faulty.FREE}{but}" if but else faulty.FULL),
        fills_up=lambda: fault_set(faulty.FILLS_UP),
    )


@pytest.fixture(params=[_scripted, _mounted])
def disk(request: pytest.FixtureRequest) -> Disk:
    disk_: Disk = request.param(request)
    return disk_


def test_a_full_disk_rejects_requests_and_loses_nothing(disk: Disk, tmp_path: Path) -> None:
    with running_service(disk.data_dir, env=disk.environment) as service:
        kim = Person(service=service, user_id="kim", folder=tmp_path)
        done = kim.processed()
        held, gate = kim.upload_held(rows=200_000)
        second, other_gate = kim.upload_held()
        with disk.filled(0):
            again = {"userId": "kim", "anpSeq": done["anpSeq"], "forceReprocess": True}
            _until_full(service, again)
            rejected = service.call("POST", "/etl/process", json=again)
            assert rejected.status_code in (503, 507)
            assert int(rejected.headers["Retry-After"]) > 0
            eventually(lambda: _rejected_without_an_entry(service), within=60)
            status, _, details = service.error("GET", "/readyz")
            assert (status, details["checks"]["disk"]["ok"]) == (503, False)
            assert kim.test(done["id"])["documents"] == done["documents"]
            gate.touch()
            eventually(lambda: _is_logged(service, held), within=30)
        lost = kim.job_becomes(held["activeJob"]["jobId"], "failed", within=30)
        assert lost["errorCode"] == "disk_full"
        other_gate.touch()
        kim.job_becomes(second["activeJob"]["jobId"], "completed", within=30)
        retried = service.data("POST", f"/etl/jobs/{lost['jobId']}/retry")["jobId"]
        assert kim.job_becomes(retried, "completed", within=30)["errorCode"] is None
        assert service.data("GET", "/readyz")["ready"] is True
        assert list((disk.data_dir / "incoming").iterdir()) == []


def _until_full(service: RunningService, again: Any) -> None:
    """The write-ahead log has allocated space, which is used up first."""

    def is_full() -> None:
        for _ in range(50):
            if service.call("POST", "/etl/process", json=again).status_code >= 500:
                return
        raise AssertionError("there is still room")

    eventually(is_full, within=60)


def _is_logged(service: RunningService, test: Any) -> None:
    log = service.log.read_text("utf-8")
    assert "job_crashed" in log
    assert test["activeJob"]["jobId"] in log


def _uploaded(service: RunningService, size: int = 100) -> tuple[int, str, Any]:
    form = {"testKind": KIND, "userId": "kim"}
    files = {"file": ("answers.json", Script().file() + b" " * size)}
    return service.error("POST", "/tests/results", data=form, files=files)


def _rejected_without_an_entry(service: RunningService) -> None:
    """Once the activity log cannot be written either, the log has the entry."""
    assert _uploaded(service)[:2] == FULL
    lines = [json.loads(line) for line in service.log.read_text("utf-8").splitlines()]
    unwritten = [line for line in lines if line["event"] == "activity_not_written"]
    assert unwritten, "there is still room"
    request_id = unwritten[-1]["request_id"]
    rejections = [
        one
        for one in lines
        if one["event"] == "action_finished" and one["request_id"] == request_id
    ]
    assert [(line["action"], line["refused"]) for line in rejections] == [("upload", "disk_full")]


def test_a_disk_that_fills_up_during_an_upload_rejects_it(disk: Disk, tmp_path: Path) -> None:
    """There was room at first, and the request did not announce its length."""
    with running_service(disk.data_dir, env=disk.environment) as service:
        with disk.fills_up():
            assert _sent_in_pieces(service, 80)[:2] == FULL
            (entry,) = service.data("GET", "/activity?limit=1")
            assert (entry["action"], entry["outcome"]) == ("upload", "refused")
            assert (entry["code"], entry["actor"]) == ("disk_full", "admin")
        assert list((disk.data_dir / "incoming").iterdir()) == []
        assert _sent_in_pieces(service, 1)[:2] == (400, "unreadable_file"), "the whole file is read"


def _sent_in_pieces(service: RunningService, megabytes: int) -> tuple[int, str, Any]:
    """Send a form without a Content-Length."""
    fields = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {"testKind": KIND, "userId": "kim"}.items()
    )
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="answers.json"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield f"{fields}{head}".encode()
        for _ in range(megabytes):
            yield b"x" * MB
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return service.error("POST", "/tests/results", data=body(), headers=headers)


def test_an_upload_larger_than_the_free_space_is_rejected(disk: Disk, tmp_path: Path) -> None:
    """The upload is rejected before it fills the disk, so that everything else works."""
    with running_service(disk.data_dir, env=disk.environment) as service:
        kim = Person(service=service, user_id="kim", folder=tmp_path)
        with disk.filled(60 * MB):
            assert _uploaded(service, size=20 * MB)[:2] == FULL
            newest = service.data("GET", "/activity?limit=1")[0]
            assert (newest["action"], newest["code"]) == ("upload", "disk_full")
            assert kim.processed(Script(rows=5))["respondents"] == 5
        assert service.data("GET", "/readyz")["ready"] is True
