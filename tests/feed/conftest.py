"""A scripted server, and followers of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.feed.rig import LIST, RUNNING_A, Rig
from tests.support.scripted_server import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.on(LIST, RUNNING_A)
        yield server


@pytest.fixture
def follow(server: ScriptedServer) -> Iterator[Callable[..., Rig]]:
    """Return a function that follows the server, or another address, until the test ends."""
    rigs: list[Rig] = []

    def start(address: str | None = None, **settings: Any) -> Rig:
        rigs.append(Rig(address or server.address, **settings))
        rigs[-1].follower.connect()
        return rigs[-1]

    yield start
    for rig in rigs:
        rig.close()
