"""Steps may start processes and threads, and end in any way: the next job runs as always."""

import multiprocessing
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.engines.worker_slot import WorkerSlot, make_semaphore
from etl_monitor.service.storage.data_dir import Folders
from tests.support import unruly
from tests.support.eventually import eventually
from tests.support.lives import all_gone
from tests.support.people import Person
from tests.support.service_process import running_service
from tests.support.unruly import SETTING, Deed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no process groups on Windows")

_WORKER_STARTS_WITHIN = 120.0  # seconds, on a busy machine
SETTINGS = SETTING | {"ETL_MONITOR_WORKERS": "1", "ETL_MONITOR_CANCEL_DEADLINE": "1"}


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("unruly")
    with running_service(folder / "data", env=SETTINGS) as service:
        yield Person(service=service, user_id="kim", folder=folder)


@pytest.fixture
def ended(person: Person) -> Callable[[Callable[..., object]], Any]:
    """Return the job of a deed when it has ended."""

    def run(deed: Callable[..., object]) -> Any:
        test = person.upload(title=deed.__name__)
        job_id = (test["activeJob"] or test["lastJob"])["jobId"]
        return eventually(lambda: _ended(person, job_id), within=_WORKER_STARTS_WITHIN)

    return run


def _ended(person: Person, job_id: str) -> Any:
    job = person.job(job_id)
    assert job["status"] not in ("pending", "running"), job
    return job


def _children(job: Any) -> list[int]:
    messages = " ".join(line["message"] for line in job["log"])
    return [int(pid) for pid in re.findall(r"child (\d+)", messages)]


def _are_gone(pids: list[int]) -> None:
    all_gone([process for process in psutil.process_iter() if process.pid in pids])


def test_a_step_may_use_every_way_of_multiprocessing(ended: Callable[[Deed], Any]) -> None:
    job = ended(unruly.pools)
    assert job["status"] == "completed", job["errorMessage"]
    lines = [line["message"] for line in job["log"]]
    assert lines[0] == "sum 6"
    assert all(line.endswith(" [1]") for line in lines[1:]), lines


@pytest.mark.parametrize("deed", [unruly.leave_children, unruly.leave_orphan])
def test_what_a_step_leaves_behind_ends_with_its_job(
    ended: Callable[[Deed], Any], deed: Deed
) -> None:
    if deed is unruly.leave_orphan and sys.platform != "linux":
        pytest.skip("orphans are found on Linux only")
    job = ended(deed)
    assert job["status"] == "completed"
    assert _children(job)
    eventually(lambda: _are_gone(_children(job)))


def test_a_job_begins_where_the_service_runs(
    ended: Callable[[Callable[..., object]], Any],
) -> None:
    """Whichever folder the step before went to: that of its job is removed."""
    assert ended(unruly.go_to_folder)["status"] == "completed"
    (line,) = ended(unruly.say_where)["log"]
    assert Path(line["message"]).exists()


def test_rejected_rows_that_are_no_table_are_refused(
    ended: Callable[[Callable[..., object]], Any],
) -> None:
    job = ended(unruly.leave_no_table)
    assert job["errorCode"] == "unusable_handover", job
    assert "rejected.parquet: cannot be read as Parquet" in job["errorMessage"]


def test_a_cancel_ends_all_processes_of_a_step(person: Person) -> None:
    test = person.upload(title=unruly.wait_for_child.__name__)
    job_id = test["activeJob"]["jobId"]

    def has_children() -> None:
        assert person.job(job_id)["rowsDone"] == 1

    eventually(has_children, within=_WORKER_STARTS_WITHIN)
    person.service.data("POST", f"/etl/jobs/{job_id}/cancel")
    job = person.job_becomes(job_id, "cancelled")
    worker = psutil.Process(person.service.process.pid)
    assert job["forced"] is True
    eventually(lambda: _no_sleepers(worker))


def _no_sleepers(service: psutil.Process) -> None:
    """No process of the step is left, whether or not it is still a descendant of the service."""
    sleepers = [
        process
        for process in psutil.process_iter()
        if "Event().wait(600)" in " ".join(_command(process))
        and _environment(process).get("ETL_WORKER")
        and process.uids().real == os.getuid()
    ]
    assert not sleepers, (sleepers, service)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def test_a_lost_worker_takes_its_processes_along(ended: Callable[[Deed], Any]) -> None:
    job = ended(unruly.leave_children_and_die)
    assert (job["errorCode"], job["errorDetails"]["signal"]) == ("worker_lost", "SIGKILL")
    eventually(lambda: _are_gone(_children(job)))


@pytest.mark.parametrize(
    ("deed", "code", "details"),
    [
        (unruly.exit_at_once, "worker_lost", {"reason": "exited", "step": "only", "exitCode": 3}),
        (unruly.system_exit, "step_exited", {"step": "only", "exitCode": "enough"}),
        (unruly.interrupt, "step_interrupted", {"step": "only"}),
    ],
)
def test_an_exit_ends_as_what_it_is(
    ended: Callable[[Deed], Any], deed: Deed, code: str, details: Any
) -> None:
    job = ended(deed)
    assert (job["status"], job["errorCode"]) == ("failed", code)
    assert job["errorDetails"] == details


def test_a_thread_that_a_step_leaves_does_not_reach_the_next_job(
    ended: Callable[[Deed], Any],
) -> None:
    workers = {ended(deed)["worker"] for deed in (unruly.leave_thread, unruly.good)}
    assert len(workers) == 2


@pytest.mark.parametrize(("jobs", "is_due"), [(0, False), (1, True)])
def test_only_workers_that_end_before_their_first_job_are_restarted_ever_later(
    jobs: int, is_due: bool
) -> None:
    plan = WorkerPlan(folders=Folders(root=Path()), pipeline="a:B", kinds_dir=None)
    slot = WorkerSlot(number=1, plan=plan, pending=make_semaphore())
    process = multiprocessing.get_context("spawn").Process(target=abs, args=(1,))
    process.start()
    process.join()
    for _ in range(8):
        slot._started_at = time.monotonic()
        slot._shared.jobs = jobs
        slot._record_exit(process)
    assert (slot._not_before <= time.monotonic()) == is_due
