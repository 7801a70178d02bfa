"""100,000 events over a bad network: in the end the store equals the back end.

So many with ids come from the real service (test_convergence_with_the_service.py).
`pytest -m 'not long'` leaves the long ones out.
"""

import logging
import random
from collections.abc import Iterator

import pytest

from etl_monitor.wire.job import Job
from tests.support.back_end import BackEnd, serve_job
from tests.support.bad_network import BadNetwork
from tests.support.eventually import eventually
from tests.support.metric_values import values_by_label
from tests.support.scripted_server import ScriptedServer
from tests.support.watcher import Watcher

JOBS = [f"작업-{n}" for n in range(25)]
ORIGINAL = {"job_id", "status", "progress", "error_message"}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Silence the log: a thousand warnings would hide the message of a failure."""
    caplog.set_level(logging.ERROR, "etl_monitor")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def drive(
    server: ScriptedServer, network: BadNetwork, *, numbered: bool, events: int, ahead: int
) -> Watcher:
    """Produce `events` events in ten parts, at most `ahead` of those sent.

    Assert after each part that the store equals the back end.
    """
    back_end = BackEnd(server, numbered, carry=network)
    for job_id in JOBS:
        serve_job(back_end, job_id)
    fate, watcher, share = random.Random(11), Watcher(server.address), network.share
    network.arrived = watcher.events
    for part in range(1, 11):
        network.share = share
        while network.sent < events * part // 10:
            back_end.step(fate.choice(JOBS), fate.randrange(60), ahead=ahead)
        network.share = 0  # a lost event is noticed with the next one
        back_end.step(f"끝-{part}", 0, ahead=1)
        watcher.until_equal(back_end.jobs, set(Job.model_fields) if numbered else ORIGINAL)
    eventually(lambda: assert_counted(watcher, network, back_end), within=60)
    watcher.close()
    return watcher


def assert_counted(watcher: Watcher, network: BadNetwork, back_end: BackEnd) -> None:
    if back_end.numbered:
        watcher.assert_counted(network, back_end.resets)
        assert back_end.resets == network.did["prune"]
        return
    counters = watcher.store.snapshot().counters
    assert counters.events == network.sent
    assert counters.reconnects == network.breaks
    assert counters.resyncs == network.breaks, "a list after every break"
    assert counters.duplicates + counters.late >= network.did["repeat"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("numbered", "events", "breaks"),
    [(True, 10_000, 100), (False, 100_000, 1000)],
    ids=["numbered", "original"],
)
def test_many_events_over_a_bad_network(
    server: ScriptedServer, numbered: bool, events: int, breaks: int
) -> None:
    network = BadNetwork(7, share=0.016, loses=numbered, due=[(0, "stall"), (events // 2, "stall")])
    watcher = drive(server, network, numbered=numbered, events=events, ahead=15)
    assert network.breaks >= breaks
    assert network.spared == set()
    assert {"ended", "reset", "silence"} <= {
        r for (r,) in values_by_label(watcher.follower.metrics.breaks)
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("numbered", [True, False], ids=["numbered", "original"])
def test_a_network_that_delivers_almost_nothing(
    server: ScriptedServer, numbered: bool, seed: int
) -> None:
    """Every fourth event is disturbed."""
    network = BadNetwork(seed, share=0.25, loses=numbered)
    drive(server, network, numbered=numbered, events=400, ahead=2)
    assert network.breaks > 20
