"""Kill -9 of worker, service and portal at every step of a job.

Afterwards each job has a correct state, and each test's results are the old ones or the new ones,
never a mixture: scores, statistics, documents and the number of respondents are of the same run.
When the portal is killed, its service stops in order, and the jobs start over. When a service is
killed whose jobs run on workers of Celery, they go on.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.support import held
from tests.support.eventually import eventually
from tests.support.first_jobs import run_first_jobs
from tests.support.held import HOLD_POINTS, KIND, Control
from tests.support.kills import (
    ALL_VICTIMS,
    PREPARED_WITHIN,
    VICTIMS,
    Afterwards,
    killed,
    process,
    wait_until,
)
from tests.support.lives import Setting
from tests.support.service_process import RunningService

pytestmark = pytest.mark.long

OLD, NEW = 10, 20  # respondents
WAITING = "waiting"
SETTING = held.SETTING | {"ETL_MONITOR_WORKERS": str(len(HOLD_POINTS))}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A test with old results, and the control of its second job."""

    control: Control
    test_id: str

    def reach(self, place: str) -> None:
        self.control.hold(place)
        wait_until(lambda: self.control.is_at(place))


@dataclass(frozen=True, kw_only=True)
class Before:
    """Ids of tests and jobs before the kill, by the place where each job was held."""

    tests: dict[str, str]
    jobs: dict[str, str]
    position: int


@pytest.fixture(scope="module", params=ALL_VICTIMS)
def after(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Afterwards[Before]]:
    victim, folder = VICTIMS[request.param], tmp_path_factory.mktemp("kill")
    tests: dict[str, Held] = {}
    with (
        victim.machine(
            folder, SETTING, request, lambda servers: tests.update(_with_results(folder, servers))
        ) as machine,
        killed(
            victim,
            machine,
            lambda service: _prepared(service, tests),
            lambda: _let_go(folder),
        ) as afterwards,
    ):
        afterwards.wait_for_ends([afterwards.before.jobs[place] for place in HOLD_POINTS])
        _let_go(folder)
        yield afterwards


def _let_go(folder: Path) -> None:
    for place in HOLD_POINTS:
        Control(folder=folder / place).let_go()


def _with_results(folder: Path, servers: Setting) -> dict[str, Held]:
    """Make the tests with their old results."""
    controls = {place: Control(folder=folder / place) for place in (*HOLD_POINTS, WAITING)}
    for control in controls.values():
        control.folder.mkdir()
        control.set_rows(OLD)
    files = {place: control.file() for place, control in controls.items()}
    tests = run_first_jobs(folder / "data", servers, held.PIPELINE, KIND, files)
    for control in controls.values():
        control.set_rows(NEW)
    return {
        place: Held(control=control, test_id=tests[place]) for place, control in controls.items()
    }


def _prepared(service: RunningService, tests: dict[str, Held]) -> Before:
    for test in tests.values():
        assert _respondents(service, test.test_id) == {OLD}
    jobs = _hold_everywhere(service, tests)
    position = int(service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"])
    ids = {place: test.test_id for place, test in tests.items()}
    return Before(tests=ids, jobs=jobs, position=position)


def _hold_everywhere(service: RunningService, tests: dict[str, Held]) -> dict[str, str]:
    """Hold one job at each place, and leave one pending. The job that is publishing comes last,
    since it locks the database."""
    jobs = {}
    for place in HOLD_POINTS:
        tests[place].control.hold("prepare")
        jobs[place] = process(service, tests[place].test_id)
        tests[place].reach("prepare")
    jobs[WAITING] = process(service, tests[WAITING].test_id)
    for place in sorted(HOLD_POINTS, key=lambda place: place == "publishing"):
        tests[place].reach(place)
    return jobs


EXPECTED = {
    WAITING: ("completed", NEW),
    "prepare": ("failed", OLD),
    "work": ("failed", OLD),
    "finish": ("failed", OLD),
    "publishing": ("failed", OLD),
    "published": ("completed", NEW),
}


@pytest.mark.parametrize("place", EXPECTED)
def test_a_kill_leaves_the_old_or_the_new_results(after: Afterwards[Before], place: str) -> None:
    status, respondents = ("completed", NEW) if after.completes else EXPECTED[place]
    job = _over(after, place)
    assert (job["status"], job["forced"]) == (status, False)
    assert job["errorCode"] == (None if status == "completed" else "worker_lost")
    assert job["finishedAt"] >= job["startedAt"]
    assert not {"pending", "running"} & {step["status"] for step in job["steps"][:1]}
    assert _respondents(after.service, after.before.tests[place]) == {respondents}


def _over(after: Afterwards[Before], place: str) -> Any:
    """Return the ended job. The pending one is only expected to run at some time."""

    def over() -> Any:
        job = after.service.data("GET", f"/etl/jobs/{after.before.jobs[place]}")
        assert job["status"] not in ("pending", "running"), job
        return job

    return eventually(over, within=PREPARED_WITHIN if place == WAITING else 0)


def _respondents(service: RunningService, test_id: str) -> set[int]:
    """Return the number of respondents according to each part of the results."""
    path = f"/tests/results/{test_id}"
    test = service.data("GET", path)
    ids = [document["id"] for document in test["documents"]]
    documents = [service.data("GET", f"{path}/documents/{document_id}") for document_id in ids]
    assert len(documents) == 1
    scores = pq.read_table(io.BytesIO(service.call("GET", f"{path}/scores").content))
    return {
        test["respondents"],
        service.data("GET", f"{path}/statistics")["respondents"]["total"],
        int(documents[0]["content"].split()[0]),
        scores.num_rows,
    }


def test_work_continues_after_the_kill(after: Afterwards[Before]) -> None:
    """The lost jobs complete when retried, and the feed continues from its position."""
    _over(after, WAITING)
    listed = after.service.call("GET", "/etl/jobs?status=failed")
    failed = [job["jobId"] for job in listed.json()["data"]]
    assert len(failed) == (0 if after.completes else 4)
    if failed:
        body = {"action": "retry", "jobIds": failed}
        retried = after.service.data("POST", "/etl/jobs/bulk", json=body)
        assert all(outcome["ok"] for outcome in retried)
    eventually(lambda: _are_new(after), within=PREPARED_WITHIN)
    assert int(listed.headers["X-Last-Event-Id"]) > after.before.position


def _are_new(after: Afterwards[Before]) -> None:
    assert after.service.data("GET", "/etl/jobs/active") == []
    for test_id in after.before.tests.values():
        assert _respondents(after.service, test_id) == {NEW}
