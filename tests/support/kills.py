"""Kill -9 of worker, service or portal, and the time in which jobs must end afterwards."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, Self, TypeVar

import pytest

from tests.support.combinations import CELERY, LOCAL, combination_setting
from tests.support.eventually import eventually
from tests.support.installation import Installation
from tests.support.lives import Setting, kill, kill_workers, with_portal
from tests.support.service_process import RunningService

WITHIN = 30.0  # seconds after a restart, as documented
PREPARED_WITHIN = 120.0  # seconds for the preparation on a busy machine

_ONE_WORKER = {"ETL_MONITOR_WORKERS": "1"}  # enough for the remaining jobs

Prepared = TypeVar("Prepared")


class Machine(Protocol):
    """A service with workers. `start` starts what does not run."""

    service: RunningService
    setting: dict[str, str]

    def start(self) -> None: ...


class PortalMachine:
    """A portal with its own service."""

    def __init__(self, folder: Path, setting: Setting) -> None:
        self.setting = dict(setting)
        self.service: RunningService
        self._folder, self._open = folder, ExitStack()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def start(self) -> None:
        self.service = self._open.enter_context(with_portal(self._folder, self.setting))

    def kill(self) -> None:
        kill(self.service)
        self._open.close()


@dataclass(frozen=True, kw_only=True)
class Victim:
    """What is killed. `supervised`: it is replaced by itself. `restarts`: how often a running job
    starts over, so that it completes; None if it fails instead."""

    kill: Callable[[Any], None]
    on: str = LOCAL
    has_portal: bool = False
    supervised: bool = False
    restarts: int | None = None

    @contextmanager
    def machine(
        self,
        folder: Path,
        setting: Setting,
        request: pytest.FixtureRequest,
        begin: Callable[[Setting], None],
    ) -> Iterator[Machine]:
        """Start a service with workers. `begin` fills its data before, with the settings of its
        servers."""
        if self.has_portal:
            begin({})
            with PortalMachine(folder, setting) as portal:
                yield portal
            return
        with combination_setting(self.on, request) as servers:
            begin(servers)
            with Installation(folder, servers, base=setting) as installation:
                yield installation


def _kill_workers(machine: Machine) -> None:
    kill_workers(machine.service)


VICTIMS = {
    "worker": Victim(kill=_kill_workers, supervised=True),
    "service": Victim(kill=Installation.kill_service),
    # The service stops in order: its jobs go back to the queue.
    "portal": Victim(kill=PortalMachine.kill, has_portal=True, restarts=1),
    "celery-process": Victim(kill=_kill_workers, on=CELERY, supervised=True),
    "celery-node": Victim(kill=Installation.kill_node, on=CELERY),
    # The jobs go on.
    "celery-service": Victim(kill=Installation.kill_service, on=CELERY, restarts=0),
}
ALL_VICTIMS = [
    pytest.param(name, marks=[pytest.mark.long] if victim.on == CELERY else [])
    for name, victim in VICTIMS.items()
]
# The end of a node takes 20 s to notice, and what follows is the same in every step.
SOME_VICTIMS = [
    param for param in ALL_VICTIMS if param.values[0] not in ("celery-node", "celery-service")
]


@dataclass(frozen=True, kw_only=True)
class Afterwards(Generic[Prepared]):
    """The service after the kill. `since` is when the worker was killed, or the service restarted
    (`time.monotonic`). `restarts`: see Victim."""

    service: RunningService
    before: Prepared
    since: float
    restarts: int | None

    @property
    def completes(self) -> bool:
        return self.restarts is not None

    def wait_for_ends(self, job_ids: Sequence[str]) -> None:
        """Wait until all jobs have ended, within the documented time if they are lost."""

        def have_ended() -> None:
            active = {job["jobId"] for job in self.service.data("GET", "/etl/jobs/active")}
            assert not active & set(job_ids)

        limit = PREPARED_WITHIN if self.completes else self.since + WITHIN - time.monotonic()
        eventually(have_ended, within=limit)


@contextmanager
def killed(
    victim: Victim,
    machine: Machine,
    prepare: Callable[[RunningService], Prepared],
    let_go: Callable[[], None],
) -> Iterator[Afterwards[Prepared]]:
    """Kill the victim, and start again what ended with it. `let_go` releases the held jobs; it is
    called after the kill if they are to complete."""
    before = prepare(machine.service)
    since = time.monotonic()
    victim.kill(machine)
    if victim.restarts is not None:
        let_go()
    if not victim.supervised:
        since = time.monotonic()
        machine.setting |= {} if victim.restarts == 0 else _ONE_WORKER
        machine.start()
    yield Afterwards(service=machine.service, before=before, since=since, restarts=victim.restarts)


def wait_until(reached: Callable[[], bool]) -> None:
    """Wait until a job is where it is to be killed."""

    def is_reached() -> None:
        assert reached()

    eventually(is_reached, within=PREPARED_WITHIN)


def process(service: RunningService, test_id: str) -> str:
    """Request a job for a test that has results. Returns the job's id."""
    body = {"testIds": [test_id], "forceReprocess": True}
    (line,) = service.data("POST", "/etl/process/bulk", json=body)
    job_id: str = line["jobId"]
    return job_id
