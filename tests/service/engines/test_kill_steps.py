"""Kill -9 of worker, service and portal in every step of the built-in pipeline: the job fails as
lost in time, and the old results stay.

Six tests with old results each have their second job held in a different step; one kill hits all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.samples.files import Sample, write_sample
from tests.support import held_steps
from tests.support.first_jobs import run_first_jobs
from tests.support.held_steps import STEPS, control
from tests.support.kills import (
    SOME_VICTIMS,
    VICTIMS,
    Afterwards,
    killed,
    process,
    wait_until,
)
from tests.support.lives import Setting
from tests.support.service_process import RunningService

pytestmark = pytest.mark.long

ANSWERS = Sample(
    key="answers",
    title="Answers",
    test_kind="big_five_50",
    user_id="kim",
    respondents=10_000,  # two chunks of rows
    seed=7,
    file_format="parquet",
)


@dataclass(frozen=True, kw_only=True)
class Second:
    """A test with old results, and its second job."""

    test_id: str
    job_id: str
    old: Any


Seconds = Mapping[str, Second]


@pytest.fixture(scope="module", params=SOME_VICTIMS)
def after(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Afterwards[Seconds]]:
    folder = tmp_path_factory.mktemp("kill")
    setting = held_steps.SETTING | {
        "ETL_MONITOR_WORKERS": str(len(STEPS)),
        "HELD_FOLDER": str(folder),
    }
    victim = VICTIMS[request.param]

    def let_go() -> None:
        for step in STEPS:
            control(step, folder).let_go()

    tests: dict[str, str] = {}
    with (
        victim.machine(
            folder, setting, request, lambda servers: tests.update(_with_results(folder, servers))
        ) as machine,
        killed(
            victim, machine, lambda service: _held(service, folder, tests), let_go
        ) as afterwards,
    ):
        afterwards.wait_for_ends([second.job_id for second in afterwards.before.values()])
        yield afterwards


def _with_results(folder: Path, servers: Setting) -> Mapping[str, str]:
    """Make the tests with their old results. Returns their ids by step."""
    answers = folder / "answers.parquet"
    write_sample(ANSWERS, answers)
    files = dict.fromkeys(STEPS, answers.read_bytes())
    return run_first_jobs(folder / "data", servers, PIPELINE, ANSWERS.test_kind, files)


def _held(service: RunningService, folder: Path, tests: Mapping[str, str]) -> Seconds:
    """Hold the second job of each test in a step of its own."""
    for step in STEPS:
        control(step, folder).folder.mkdir()
        control(step, folder).hold(step)
    seconds = {step: _second_job(service, test_id) for step, test_id in tests.items()}
    for step in STEPS:
        wait_until(partial(control(step, folder).is_at, step))
    return seconds


def _second_job(service: RunningService, test_id: str) -> Second:
    old = _results(service, test_id)
    return Second(test_id=test_id, job_id=process(service, test_id), old=old)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_in_a_step_fails_the_job_and_leaves_the_old_results(
    after: Afterwards[Seconds], step: str
) -> None:
    second = after.before[step]
    job = after.service.data("GET", f"/etl/jobs/{second.job_id}")
    if after.completes:
        end = ("completed", 1, after.restarts)
        assert (job["status"], job["attempt"], job["restarts"]) == end
        return
    assert (job["status"], job["errorCode"], job["currentStep"]) == ("failed", "worker_lost", step)
    statuses = [step["status"] for step in job["steps"]]
    reached = STEPS.index(step)
    assert statuses[: reached + 1] == ["completed"] * reached + ["failed"]
    assert _results(after.service, second.test_id) == second.old
    assert not (after.service.data_dir / "work" / second.job_id).exists()


def _results(service: RunningService, test_id: str) -> Any:
    path = f"/tests/results/{test_id}"
    test = service.data("GET", path)
    return (
        [service.data("GET", f"{path}/documents/{doc['id']}") for doc in test["documents"]],
        service.data("GET", f"{path}/statistics"),
        service.call("GET", f"{path}/scores").content,
        test["completedAt"],
    )
