"""Kill -9 of worker, service or portal, and the time in which jobs must end afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from tests.support.eventually import eventually
from tests.support.lives import Life, Setting, alone, kill, kill_workers, with_portal
from tests.support.service_process import RunningService

WITHIN = 30.0  # seconds after a restart, as documented
PREPARED_WITHIN = 120.0  # seconds for the preparation on a busy machine

_ONE_WORKER = {"ETL_MONITOR_WORKERS": "1"}  # enough for the remaining jobs

Prepared = TypeVar("Prepared")


@dataclass(frozen=True, kw_only=True)
class Victim:
    life: Life
    kill: Callable[[RunningService], None]
    ends_service: bool
    requeues: bool = False  # the service stops in order: its jobs go back to the queue


VICTIMS = {
    "worker": Victim(life=alone, kill=kill_workers, ends_service=False),
    "service": Victim(life=alone, kill=kill, ends_service=True),
    "portal": Victim(life=with_portal, kill=kill, ends_service=True, requeues=True),
}


@dataclass(frozen=True, kw_only=True)
class Afterwards(Generic[Prepared]):
    """The service after the kill. `since` is when the worker was killed, or the service restarted
    (`time.monotonic`). `requeued`: the jobs start over instead of failing."""

    service: RunningService
    before: Prepared
    since: float
    requeued: bool

    def wait_for_ends(self, job_ids: Sequence[str]) -> None:
        """Wait until all jobs have ended, within the documented time if they are lost."""

        def have_ended() -> None:
            active = {job["jobId"] for job in self.service.data("GET", "/etl/jobs/active")}
            assert not active & set(job_ids)

        limit = PREPARED_WITHIN if self.requeued else self.since + WITHIN - time.monotonic()
        eventually(have_ended, within=limit)


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
        if not victim.ends_service:
            yield Afterwards(service=service, before=before, since=since, requeued=victim.requeues)
            return
    since = time.monotonic()
    with victim.life(folder, {**setting, **_ONE_WORKER}) as service:
        yield Afterwards(service=service, before=before, since=since, requeued=victim.requeues)


def has_results(service: RunningService, test_id: str) -> None:
    assert service.data("GET", f"/tests/results/{test_id}")["status"] == "completed"


def wait_until(reached: Callable[[], bool]) -> None:
    """Wait until a job is where it is to be killed."""

    def is_reached() -> None:
        assert reached()

    eventually(is_reached, within=PREPARED_WITHIN)


def process(service: RunningService, test: Any) -> str:
    """Request a job for a test that has results. Returns the job's id."""
    body = {"userId": test["userId"], "anpSeq": test["anpSeq"], "forceReprocess": True}
    job_id: str = service.data("POST", "/etl/process", json=body)["jobId"]
    return job_id
