"""Kill -9 of worker, service and portal at every step of a job.

Afterwards each job is in a true state, and each test's results are the old ones or the new ones,
never of both: the scores file, the statistics, the documents and the count tell the same run.
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
from tests.support.held import KIND, PLACES, Control
from tests.support.kills import (
    PREPARED_WITHIN,
    VICTIMS,
    Afterwards,
    has_results,
    is_there,
    killed,
    process,
)
from tests.support.service_process import RunningService

OLD, NEW = 10, 20  # respondents
WAITING = "waiting"
SETTING = held.SETTING | {"ETL_MONITOR_WORKERS": str(len(PLACES))}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A test with old results, whose second job is somewhere."""

    control: Control
    test: Any

    def reach(self, place: str) -> None:
        self.control.hold(place)
        is_there(lambda: self.control.is_at(place))


@dataclass(frozen=True, kw_only=True)
class Before:
    """What there was before the kill; by where the job was."""

    tests: dict[str, str]
    jobs: dict[str, str]
    position: int


@pytest.fixture(scope="module", params=VICTIMS)
def after(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Afterwards[Before]]:
    victim, folder = VICTIMS[request.param], tmp_path_factory.mktemp("kill")
    with killed(victim, folder, SETTING, lambda service: _prepared(service, folder)) as afterwards:
        afterwards.all_are_over([afterwards.before.jobs[place] for place in PLACES])
        for place in PLACES:
            Control(folder=folder / place).let_go()
        yield afterwards


def _prepared(service: RunningService, folder: Path) -> Before:
    tests = {place: _with_old_results(service, folder, place) for place in (*PLACES, WAITING)}
    jobs = _all_on_their_way(service, tests)
    position = int(service.call("GET", "/etl/jobs").headers["X-Last-Event-Id"])
    ids = {place: test.test["id"] for place, test in tests.items()}
    return Before(tests=ids, jobs=jobs, position=position)


def _with_old_results(service: RunningService, folder: Path, place: str) -> Held:
    control = Control(folder=folder / place)
    control.folder.mkdir()
    control.set_rows(OLD)
    form = {"testKind": KIND, "userId": "kim", "title": place}
    files = {"file": ("control.json", control.file())}
    test = service.data("POST", "/tests/results", data=form, files=files)
    eventually(lambda: has_results(service, test["id"]), within=PREPARED_WITHIN)
    control.set_rows(NEW)
    return Held(control=control, test=test)


def _all_on_their_way(service: RunningService, tests: dict[str, Held]) -> dict[str, str]:
    """One job at each place, and one that waits. The one in the middle of a swap comes last: it
    has the database locked."""
    jobs = {}
    for place in PLACES:
        tests[place].control.hold("prepare")
        jobs[place] = process(service, tests[place].test)
        tests[place].reach("prepare")
    jobs[WAITING] = process(service, tests[WAITING].test)
    for place in sorted(PLACES, key=lambda place: place == "swapping"):
        tests[place].reach(place)
    return jobs


EXPECTED = {
    WAITING: ("completed", NEW),
    "prepare": ("failed", OLD),
    "work": ("failed", OLD),
    "finish": ("failed", OLD),
    "swapping": ("failed", OLD),
    "swapped": ("completed", NEW),
}


@pytest.mark.parametrize("place", EXPECTED)
def test_kill(after: Afterwards[Before], place: str) -> None:
    status, respondents = EXPECTED[place]
    job = _over(after, place)
    assert (job["status"], job["forced"]) == (status, False)
    assert job["errorCode"] == (None if status == "completed" else "worker_lost")
    assert job["finishedAt"] >= job["startedAt"]
    assert not {"pending", "running"} & {step["status"] for step in job["steps"][:1]}
    assert _told_by_results(after.service, after.before.tests[place]) == {respondents}


def _over(after: Afterwards[Before], place: str) -> Any:
    """Of the waiting one nothing is promised but that it runs."""

    def over() -> Any:
        job = after.service.data("GET", f"/etl/jobs/{after.before.jobs[place]}")
        assert job["status"] not in ("pending", "running"), job
        return job

    return eventually(over, within=PREPARED_WITHIN if place == WAITING else 0)


def _told_by_results(service: RunningService, test_id: str) -> set[int]:
    """How many respondents each part of the results is of."""
    path = f"/tests/results/{test_id}"
    test = service.data("GET", path)
    documents = [service.data("GET", f"{path}/documents/{one['id']}") for one in test["documents"]]
    assert len(documents) == 1
    scores = pq.read_table(io.BytesIO(service.call("GET", f"{path}/scores").content))
    return {
        test["respondents"],
        service.data("GET", f"{path}/statistics")["respondents"]["total"],
        int(documents[0]["content"].split()[0]),
        scores.num_rows,
    }


def test_after_the_kill_all_goes_on(after: Afterwards[Before]) -> None:
    """Retried they complete, with the new results; the feed went on from where it was."""
    _over(after, WAITING)
    listed = after.service.call("GET", "/etl/jobs?status=failed")
    failed = [job["jobId"] for job in listed.json()["data"]]
    assert len(failed) == 4
    asked = {"action": "retry", "jobIds": failed}
    retried = after.service.data("POST", "/etl/jobs/bulk", json=asked)
    assert all(one["ok"] for one in retried)
    eventually(lambda: _are_new(after), within=PREPARED_WITHIN)
    assert int(listed.headers["X-Last-Event-Id"]) > after.before.position


def _are_new(after: Afterwards[Before]) -> None:
    assert after.service.data("GET", "/etl/jobs/active") == []
    for test_id in after.before.tests.values():
        assert _told_by_results(after.service, test_id) == {NEW}
