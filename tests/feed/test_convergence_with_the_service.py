"""The real service, killed again and again, behind a proxy with a bad network: in the end the
follower's store equals the service's jobs, and every break is counted."""

import logging
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from etl_monitor.client import EtlClient
from etl_monitor.wire.job import Job
from tests.support.bad_network import BadNetwork
from tests.support.combinations import CELERY, COMBINATIONS, LOCAL, combination_setting
from tests.support.eventually import eventually
from tests.support.metric_values import values_by_label
from tests.support.mortal_service import MortalService
from tests.support.people import Person
from tests.support.relay import Relay
from tests.support.scripted import Script
from tests.support.scripted_server import ScriptedServer
from tests.support.servers import Server, running_postgres
from tests.support.watcher import TIMEOUT, Watcher

KILLS = 5
STALLS = 3
ROWS = 500  # of each job; each row has an event
AHEAD = 100  # events that the follower may lag behind the log


@dataclass(frozen=True, kw_only=True)
class Load:
    """`events`: that arrive, at least."""

    events: int
    breaks: int


LOADS = {LOCAL: Load(events=100_000, breaks=1000), CELERY: Load(events=10_000, breaks=100)}


class Crowd:
    """People whose jobs constantly run, wait, fail, are cancelled, retried and deleted."""

    def __init__(self, service: MortalService, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._fate = random.Random(5)
        self._tests: list[str] = []

    def act(self) -> None:
        """Send a command; ignore that the service is down or rejects it."""
        with suppress(requests.RequestException, AssertionError):
            active = self._service.running.data("GET", "/etl/jobs/active")
            if len(active) < 2:
                self._upload()
            else:
                self._change(active[0]["jobId"])

    def finish(self) -> None:
        """Open the gate, and wait until no job is active."""
        (self._folder / "gate").touch()
        assert self._service.up.wait(TIMEOUT)
        eventually(self._assert_all_ended, within=TIMEOUT)

    def _upload(self) -> None:
        gate = str(self._folder / "gate") if self._fate.random() < 0.5 else None
        script = Script(rows=20, fail=self._fate.random() < 0.5, gate=gate)
        person = Person(service=self._service.running, user_id="kim", folder=self._folder)
        self._tests.append(person.upload(script, title="시험")["id"])

    def _change(self, job_id: str) -> None:
        service = self._service.running
        command = self._fate.choice(("cancel", "delete", "retry"))
        if command == "cancel":
            service.call("POST", f"/etl/jobs/{job_id}/cancel")
        elif command == "delete":
            service.call("DELETE", f"/tests/results/{self._fate.choice(self._tests)}")
        else:
            for failed in service.data("GET", "/etl/jobs?status=failed&limit=1"):
                service.call("POST", f"/etl/jobs/{failed['jobId']}/retry")

    def _assert_all_ended(self) -> None:
        assert self._service.running.data("GET", "/etl/jobs/active") == []


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(params=COMBINATIONS)
def combination(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def load(combination: str) -> Load:
    return LOADS[combination]


@pytest.fixture
def service(
    combination: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[MortalService]:
    with (
        combination_setting(combination, request) as servers,
        MortalService(tmp_path, servers) as service,
    ):
        yield service


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def drive(
    service: MortalService, watcher: Watcher, crowd: Crowd, network: BadNetwork, load: Load
) -> None:
    """Cause events until enough have arrived, at most AHEAD of the follower."""
    position = 0
    while network.sent < load.events or network.breaks < load.breaks or network.spared:
        service.add_job(ROWS, completes=position % 3 > 0)
        crowd.act()
        position = service.position
        watcher.until_past(position - AHEAD)


def settle(service: MortalService, watcher: Watcher, network: BadNetwork) -> None:
    client = EtlClient(service.running.base_url, service.token)
    listed = client.jobs()
    assert listed.complete
    watcher.until_equal({job.job_id: job for job in listed.jobs}, set(Job.model_fields))
    eventually(lambda: watcher.assert_counted(network, service.resets))
    client.close()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_service_over_a_bad_network(
    server: ScriptedServer,
    service: MortalService,
    load: Load,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR, "etl_monitor")
    due = [(load.events * n // KILLS, "restart") for n in range(KILLS)]
    due += [(load.events * n // STALLS, "stall") for n in range(STALLS)]
    network, crowd = BadNetwork(3, share=0.016, restarts=0, due=due), Crowd(service, tmp_path)
    relay = Relay(server, service, network)
    watcher = Watcher(server.address, service.token)
    network.arrived, service.on_start = watcher.events, watcher.follower.retry_now
    drive(service, watcher, crowd, network, load)
    network.share = 0
    crowd.finish()
    service.add_job(1, completes=True)  # a lost event is noticed with the next one
    settle(service, watcher, network)
    assert relay.ended_by_service == 0
    watcher.close()
    assert network.did["restart"] == KILLS
    assert {"ended", "reset", "silence"} <= {
        r for (r,) in values_by_label(watcher.follower.metrics.breaks)
    }
