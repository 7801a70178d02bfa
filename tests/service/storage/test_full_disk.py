"""A full disk: requests get a clear error, nothing is lost, and work resumes when there is room."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

from etl_monitor.service import errors
from tests.support import faulty
from tests.support.combinations import celery_setting
from tests.support.eventually import eventually
from tests.support.installation import Installation
from tests.support.needs import cannot
from tests.support.people import Person
from tests.support.scripted import KIND, Script
from tests.support.servers import folder_of_server, running_postgres
from tests.support.service_process import RunningService

pytestmark = pytest.mark.long

SETTING = faulty.SETTING | {"ETL_MONITOR_WORKERS": "2", "ETL_MONITOR_CANCEL_DEADLINE": "1"}
FULL = (507, "disk_full")
MB = 1_000_000
SMALL_DISK, WITH_POSTGRESQL = 120 * MB, 300 * MB


@contextmanager
def _small_disk(size: int) -> Iterator[Path]:
    """Make a folder with a file system of its own, below /tmp: PostgreSQL's account enters it."""
    with folder_of_server("disk") as folder:
        options = f"size={size},mode=755"
        mount = ["mount", "-t", "tmpfs", "-o", options, "etl-monitor-test", str(folder)]
        if sys.platform == "win32" or subprocess.run(mount, capture_output=True).returncode != 0:
            cannot("a small disk cannot be mounted here", shown_by="the scripted disk")
        try:
            yield folder
        finally:
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
    """`filled` leaves only so many bytes free; `fills_up` leaves room, but less than 80 MB.
    Logs are on another disk."""

    setting: Mapping[str, str]
    filled: Callable[[int], AbstractContextManager[None]]
    fills_up: Callable[[], AbstractContextManager[None]]


@contextmanager
def _mounted(folder: Path) -> Iterator[Disk]:
    with _small_disk(SMALL_DISK) as small:
        yield _disk_at(small, folder, {})


@contextmanager
def _with_postgresql(folder: Path) -> Iterator[Disk]:
    """A disk with the data directory and PostgreSQL; the jobs run on a worker of Celery."""
    with (
        _small_disk(WITH_POSTGRESQL) as small,
        running_postgres(small) as postgres,
        celery_setting(postgres) as servers,
    ):
        yield _disk_at(small, folder, servers)


def _disk_at(small: Path, folder: Path, servers: Mapping[str, str]) -> Disk:
    (small / "data").mkdir()
    (folder / "data").symlink_to(small / "data", target_is_directory=True)
    return Disk(
        setting={**SETTING, **servers},
        filled=lambda but: _filled(small, but),
        fills_up=lambda: _filled(small, 60 * MB),
    )


@contextmanager
def _scripted(folder: Path) -> Iterator[Disk]:
    if not faulty.FULL_DEVICE.exists():
        cannot("no device here is always full")
    fault = folder / "fault"

    @contextmanager
    def fault_set(fault_name: str) -> Iterator[None]:
        fault.write_text(fault_name)
        try:
            yield
        finally:
            fault.unlink()

    yield Disk(
        setting=SETTING | {"FAULT_FILE": str(fault)},
        filled=lambda but: fault_set(f"{faulty.FREE}{but}" if but else faulty.FULL),
        fills_up=lambda: fault_set(faulty.FILLS_UP),
    )


DISKS = [_scripted, _mounted, pytest.param(_with_postgresql, marks=pytest.mark.long)]


@pytest.fixture(params=DISKS)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with request.param(tmp_path) as disk_:
        yield disk_


@pytest.fixture
def installation(disk: Disk, tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path, disk.setting, base={}) as installation:
        yield installation


@pytest.fixture
def service(installation: Installation) -> RunningService:
    return installation.service


def test_a_full_disk_rejects_requests_and_loses_nothing(
    disk: Disk, installation: Installation, service: RunningService, tmp_path: Path
) -> None:
    kim = Person(service=service, user_id="kim", folder=tmp_path)
    done = kim.processed()
    held, gate = kim.upload_held(rows=200_000)
    second, other_gate = kim.upload_held()
    with disk.filled(0):
        again = {"userId": "kim", "anpSeq": done["anpSeq"], "forceReprocess": True}
        rejected = _until_full(service, again)
        assert rejected.status_code in (503, 507)
        assert int(rejected.headers["Retry-After"]) > 0
        eventually(lambda: _rejected_without_an_entry(service), within=60)
        status, _, details = service.error("GET", "/readyz")
        assert (status, details["checks"]["disk"]["ok"]) == (503, False)
        assert kim.test(done["id"])["documents"] == done["documents"]
        gate.touch()
        eventually(lambda: _is_logged(installation, held), within=30)
    lost = kim.job_becomes(held["activeJob"]["jobId"], "failed", within=30)
    assert lost["errorCode"] == "disk_full"
    other_gate.touch()
    kim.job_becomes(second["activeJob"]["jobId"], "completed", within=30)
    retried = service.data("POST", f"/etl/jobs/{lost['jobId']}/retry")["jobId"]
    assert kim.job_becomes(retried, "completed", within=30)["errorCode"] is None
    assert service.data("GET", "/readyz")["ready"] is True
    assert list((service.data_dir / "incoming").iterdir()) == []


def _until_full(service: RunningService, again: Any) -> requests.Response:
    """Return the first reply to a request that could not write. The write-ahead log has allocated
    space, which is used up first: by a new job, and by the entries of the requests that it rejects
    (409)."""

    def is_full() -> requests.Response:
        for _ in range(50):
            reply = service.call("POST", "/etl/process", json=again)
            if reply.status_code >= 500:
                return reply
        raise AssertionError("there is still room")

    return eventually(is_full, within=60)


def _is_logged(installation: Installation, test: Any) -> None:
    log = installation.worker_log()
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


def test_a_disk_that_fills_up_during_an_upload_rejects_it(
    disk: Disk, service: RunningService
) -> None:
    """There was room at first, and the request did not announce its length."""
    with disk.fills_up():
        assert _sent_in_pieces(service, 80)[:2] == FULL
        (entry,) = service.data("GET", "/activity?limit=1")
        assert (entry["action"], entry["outcome"]) == ("upload", "refused")
        assert (entry["code"], entry["actor"]) == ("disk_full", "admin")
    assert list((service.data_dir / "incoming").iterdir()) == []
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


def test_an_upload_larger_than_the_free_space_is_rejected(
    disk: Disk, service: RunningService, tmp_path: Path
) -> None:
    """The upload is rejected before it fills the disk, so that everything else works."""
    kim = Person(service=service, user_id="kim", folder=tmp_path)
    with disk.filled(60 * MB):
        assert _uploaded(service, size=20 * MB)[:2] == FULL
        newest = service.data("GET", "/activity?limit=1")[0]
        assert (newest["action"], newest["code"]) == ("upload", "disk_full")
        assert kim.processed(Script(rows=5))["respondents"] == 5
    assert service.data("GET", "/readyz")["ready"] is True


def test_postgresql_may_report_a_full_disk_in_any_language() -> None:
    cause = psycopg.errors.DiskFull("auf dem Gerät ist kein Speicherplatz mehr verfügbar")
    assert errors.database_error(cause).code == "disk_full"
