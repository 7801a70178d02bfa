"""The scripted pipeline in processes whose database and disk a test can make fail, on any machine.

The file that `FAULT_FILE` names contains the fault. SQLite then fails by its own settings, and
writes fail on a device that is always full. Mounts and immutable files, which cause the same faults
at a lower level, need more rights than a container has.
"""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.datastructures import UploadFile

from etl_monitor.pipeline.base import Cancelled, Outcome, PipelineJob, Report
from etl_monitor.service.service import Service
from etl_monitor.service.storage.data_dir import MIN_FREE_SPACE, Folders
from tests.support.scripted import PIPELINE as _SCRIPTED

SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.faulty:PIPELINE"}
READ_ONLY, FULL, FREE = "read-only", "full", "free "  # followed by a number of bytes
FILLS_UP = "fills up"  # while an upload is being written
FULL_DEVICE = Path("/dev/full")
REQUEST_BUSY_TIMEOUT = 1.0  # seconds that a request waits for a locked database
_MAX_PAGES = 2**32 - 2  # SQLite's limit


def _store_on_a_full_disk(file: UploadFile, service: Service) -> Path:
    if _fault() == FILLS_UP:
        with FULL_DEVICE.open("wb") as full:
            shutil.copyfileobj(file.file, full)
    stored: Path = _store(file, service)
    return stored


# The service has imported these modules by now; its workers do not need them.
if "etl_monitor.service.bootstrap" in sys.modules:
    sys.modules["etl_monitor.service.bootstrap"].REQUEST_BUSY_TIMEOUT = REQUEST_BUSY_TIMEOUT  # type: ignore[attr-defined]
    _upload: Any = sys.modules["etl_monitor.service.api.uploads"]
    _store, _upload._store = _upload._store, _store_on_a_full_disk


def _fault() -> str:
    try:
        return Path(os.environ["FAULT_FILE"]).read_text()
    except (KeyError, FileNotFoundError):
        return ""


@event.listens_for(Pool, "checkout")
def _apply_fault(connection: Any, _record: Any, _proxy: Any) -> None:
    if "FAULT_FILE" not in os.environ:  # the test's own process, which may use PostgreSQL
        return
    fault = _fault()
    connection.execute(f"PRAGMA query_only = {int(fault == READ_ONLY)}")
    # A limit below the current size means that the database cannot grow.
    connection.execute(f"PRAGMA max_page_count = {1 if fault == FULL else _MAX_PAGES}")


_has_room = Folders.has_space


def _has_no_room(self: Folders, size: int = 0) -> bool:
    fault = _fault()
    if fault.startswith(FREE):
        return int(fault.removeprefix(FREE)) >= size + MIN_FREE_SPACE
    return fault != FULL and _has_room(self, size)


Folders.has_space = _has_no_room  # type: ignore[method-assign]
_finish = _SCRIPTED.steps[-1]


def _finish_on_a_full_disk(
    job: PipelineJob, report: Report, cancelled: Cancelled
) -> Outcome | None:
    if _fault() == FULL:
        (job.work_dir / "scores.parquet").symlink_to(FULL_DEVICE)
    return _finish.run(job, report, cancelled)


PIPELINE = replace(
    _SCRIPTED,
    steps=(*_SCRIPTED.steps[:-1], replace(_finish, run=_finish_on_a_full_disk)),
)
