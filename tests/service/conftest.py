"""A migrated database, and a real service with the scripted pipeline."""

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
def one_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """For all modules that neither need settings of their own nor hurt it."""
    data_dir = tmp_path_factory.mktemp("service") / "data"
    with running_service(data_dir, env=SETTING | {"ETL_MONITOR_WORKERS": "2"}) as running:
        yield running


@pytest.fixture(scope="module")
def service(one_service: RunningService) -> Iterator[RunningService]:
    """Each test works with users and tests of its own; no module leaves a job to the next."""
    yield one_service
    active = [job["jobId"] for job in one_service.data("GET", "/etl/jobs/active")]
    if active:
        asked = {"action": "cancel", "jobIds": active}
        one_service.data("POST", "/etl/jobs/bulk", json=asked)
    eventually(lambda: _is_idle(one_service), within=60)


def _is_idle(service: RunningService) -> None:
    assert service.data("GET", "/etl/jobs/active") == []


@pytest.fixture
def person(service: RunningService, request: pytest.FixtureRequest, tmp_path: Path) -> Person:
    return Person(service=service, user_id=request.node.name, folder=tmp_path)
