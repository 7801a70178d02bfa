"""A migrated database, and a running service with the scripted pipeline."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import open_database
from tests.support.combinations import COMBINATIONS, combination_setting
from tests.support.eventually import eventually
from tests.support.object_store import running_s3
from tests.support.people import Person
from tests.support.scripted import SETTING
from tests.support.servers import Server, new_database, running_postgres
from tests.support.service_process import RunningService, running_service


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that is marked with `databases` on each of them."""
    marker = metafunc.definition.get_closest_marker("databases")
    if marker and "external_database" in metafunc.fixturenames:
        metafunc.parametrize("external_database", marker.args, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module", params=COMBINATIONS)
def combination(request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """The settings of each combination, for the suites that run on all of them."""
    with combination_setting(request.param, request) as setting:
        yield setting


@pytest.fixture(scope="session")
def s3() -> Iterator[Server]:
    with running_s3() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Server) -> str:
    """The name of a database with the tables of this version, to be copied for each test."""
    url = new_database(postgres)
    with closing(Database(url)) as db:
        migrate.upgrade(db)
    return url.rpartition("/")[2]


@pytest.fixture
def external_database(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty PostgreSQL database, if the test is run on PostgreSQL."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    template: str = request.getfixturevalue("migrated_postgres")
    return new_database(request.getfixturevalue("postgres"), template)


@pytest.fixture
def folders(tmp_path: Path, external_database: str | None) -> Folders:
    return Folders(root=tmp_path, external_database=external_database)


@pytest.fixture
def database_url(folders: Folders) -> str:
    return folders.database_url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of this version, to be copied for each test: the migrations take
    twenty times as long as the copy."""
    folders = Folders(root=tmp_path_factory.mktemp("migrated"), external_database=None)
    with open_database(folders, upgrade=True):
        pass
    return folders.database_path


@pytest.fixture
def db(folders: Folders, request: pytest.FixtureRequest) -> Iterator[Database]:
    if folders.external_database is None:
        shutil.copy(request.getfixturevalue("migrated_sqlite"), folders.database_path)
    with open_database(folders, upgrade=True) as db:
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
