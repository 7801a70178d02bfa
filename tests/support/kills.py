"""Kill -9 of worker, service or portal, and the time that everything has afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.support.eventually import eventually
from tests.support.lives import Life, Setting, alone, kill, kill_workers, with_portal
from tests.support.service_process import RunningService

WITHIN = 30.0  # seconds after a restart: what is promised
PREPARED_WITHIN = 120.0  # on a machine that is busy with other things; nothing is promised of it

_ENOUGH = {"ETL_MONITOR_WORKERS": "1"}  # for what is left to do

Prepared = TypeVar("Prepared")


@dataclass(frozen=True, kw_only=True)
class Victim:
    life: Life
    kill: Callable[[RunningService], None]
    takes_service_along: bool


VICTIMS = {
    "worker": Victim(life=alone, kill=kill_workers, takes_service_along=False),
    "service": Victim(life=alone, kill=kill, takes_service_along=True),
    "portal": Victim(life=with_portal, kill=kill, takes_service_along=True),
}


@dataclass(frozen=True, kw_only=True)
class Afterwards(Generic[Prepared]):
    """The service that goes on; `since`: when the worker was killed, or the rest started anew."""

    service: RunningService
    before: Prepared
    since: float

    def all_are_over(self, job_ids: Sequence[str]) -> None:
        """In time, by one clock for all of them."""

        def over() -> None:
            active = {job["jobId"] for job in self.service.data("GET", "/etl/jobs/active")}
            assert not active & set(job_ids)

        eventually(over, within=self.since + WITHIN - time.monotonic())


@contextmanager
def killed(
    victim: Victim,
    folder: Path,
    setting: Setting,
    prepare: Callable[[RunningService], Prepared],
) -> Iterator[Afterwards[Prepared]]:
    with victim.life(folder, setting) as service:
        before = prepare(service)
        since = time.monotonic()
        victim.kill(service)
        if not victim.takes_service_along:
            yield Afterwards(service=service, before=before, since=since)
            return
    since = time.monotonic()
    with victim.life(folder, {**setting, **_ENOUGH}) as service:
        yield Afterwards(service=service, before=before, since=since)


def has_results(service: RunningService, test_id: str) -> None:
    assert service.data("GET", f"/tests/results/{test_id}")["status"] == "completed"


def is_there(reached: Callable[[], bool]) -> None:
    """A job has come to where it is to be killed."""

    def has_come() -> None:
        assert reached()

    eventually(has_come, within=PREPARED_WITHIN)


def process(service: RunningService, test: Any) -> str:
    """A job for a test that has results. Returns its id."""
    again = {"userId": test["userId"], "anpSeq": test["anpSeq"], "forceReprocess": True}
    job_id: str = service.data("POST", "/etl/process", json=again)["jobId"]
    return job_id
