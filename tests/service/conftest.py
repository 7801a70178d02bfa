"""A migrated database, and a running service with the scripted pipeline."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import open_database
from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.scripted import SETTING
from tests.support.service_process import RunningService, running_service


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return Folders(root=tmp_path).database_url


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(Folders(root=tmp_path), upgrade=True) as db:
        yield db


@pytest.fixture(scope="session")
def session_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """One service for all modules that need no settings of their own and do not damage it."""
    data_dir = tmp_path_factory.mktemp("service") / "data"
    with running_service(data_dir, env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as running:
        yield running


@pytest.fixture(scope="module")
def service(session_service: RunningService) -> Iterator[RunningService]:
    """Each test has its own users and tests. Jobs that a module leaves behind are cancelled."""
    yield session_service
    active = [job["jobId"] for job in session_service.data("GET", "/etl/jobs/active")]
    if active:
        body = {"action": "cancel", "jobIds": active}
        session_service.data("POST", "/etl/jobs/bulk", json=body)
    eventually(lambda: _is_idle(session_service), within=60)


def _is_idle(service: RunningService) -> None:
    assert service.data("GET", "/etl/jobs/active") == []


@pytest.fixture
def person(service: RunningService, request: pytest.FixtureRequest, tmp_path: Path) -> Person:
    return Person(service=service, user_id=request.node.name, folder=tmp_path)
