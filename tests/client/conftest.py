"""A scripted server, and a client of it."""

from collections.abc import Iterator

import pytest

from etl_monitor.client import EtlClient
from tests.support.scripted_server import ScriptedServer


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(server: ScriptedServer) -> Iterator[EtlClient]:
    client = EtlClient(server.address, "s3cret", language="ko", timeout=(2, 2))
    yield client
    client.close()
