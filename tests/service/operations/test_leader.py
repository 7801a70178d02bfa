"""One of several services leads, and another one takes over when it ends or loses its lock."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from etl_monitor.service import startup_errors
from etl_monitor.service.bootstrap import open_service
from etl_monitor.service.operations.leader import Leader
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.service_locks import ServiceLocks
from etl_monitor.settings import Settings
from tests.support.eventually import eventually
from tests.support.servers import Server, free_port, new_database, postgres_address

pytestmark = pytest.mark.databases("postgresql")

END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


class Duties:
    """Counts how many services perform them now, and how often one began to."""

    def __init__(self) -> None:
        self.now = self.begun = 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        self.now += 1
        self.begun += 1
        try:
            yield
        finally:
            self.now -= 1


@pytest.fixture
def duties() -> Duties:
    return Duties()


@pytest.fixture
def services(db: Database, duties: Duties) -> Iterator[list[Leader]]:
    """Two services that share a database."""
    with ExitStack() as stack:
        leaders = []
        for _ in range(2):
            locks = stack.enter_context(closing(db.service_locks()))
            locks.enter()
            leaders.append(Leader(locks, duties, has_others=True, interval=0.05))
            leaders[-1].start()
            stack.callback(leaders[-1].stop)
        yield leaders


def _leading(services: list[Leader]) -> Leader:
    def leads() -> Leader:
        (leader,) = [service for service in services if service.is_leading]
        return leader

    def is_alone() -> Leader:
        assert sum(service.is_leading for service in services) == 1
        return leads()

    return eventually(is_alone)


def test_one_leads_until_it_stops(services: list[Leader], duties: Duties) -> None:
    first = _leading(services)
    assert (duties.now, duties.begun) == (1, 1)
    first.stop()
    second = next(service for service in services if service is not first)
    assert _leading([second]) is second
    assert (duties.now, duties.begun) == (1, 2)


def test_after_an_outage_one_leads_again(
    services: list[Leader], duties: Duties, postgres: Server, database_url: str
) -> None:
    _leading(services)
    with psycopg.connect(postgres_address(postgres), autocommit=True) as connection:
        connection.execute(END_ALL, (database_url.rpartition("/")[2],))

    def leads_again() -> None:
        assert duties.begun == 2
        assert duties.now == 1

    eventually(leads_again)
    assert all(service.alive for service in services)


def _enters_alone(locks: ServiceLocks) -> None:
    assert locks.enter_alone()


def test_a_service_that_must_be_alone_waits_for_the_last_of_several(db: Database) -> None:
    with closing(db.service_locks()) as one, closing(db.service_locks()) as another:
        assert one.enter_alone()
        one.let_others_in()
        another.enter()
        with closing(db.service_locks()) as alone:
            one.close()
            assert not alone.enter_alone()
            another.close()
            eventually(lambda: _enters_alone(alone))


def test_a_new_version_does_not_migrate_under_services_of_the_old_one(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    with closing(Database(url)) as db, closing(db.service_locks()) as old:
        old.enter()
        with db.writing() as tx:
            tx.execute(text("UPDATE alembic_version SET version_num = '0012'"))
        with pytest.raises(startup_errors.UpgradeWaits), open_service(_several(url, tmp_path)):
            pass


def test_a_service_with_another_data_directory_does_not_join(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    with open_service(_several(url, tmp_path / "shared")):
        with (
            pytest.raises(startup_errors.DataDirNotShared),
            open_service(_several(url, tmp_path / "other")),
        ):
            pass
        with open_service(_several(url, tmp_path / "shared")):
            pass


def test_a_service_that_runs_jobs_itself_does_not_join(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    with open_service(_several(url, tmp_path)):
        alone = _several(url, tmp_path / "own").model_copy(update={"broker_url": None})
        with pytest.raises(startup_errors.DatabaseInUse), open_service(alone):
            pass
        same = _several(url, tmp_path).model_copy(update={"broker_url": None})
        with pytest.raises(startup_errors.DataDirInUse), open_service(same):
            pass


def _several(url: str, data_dir: Path) -> Settings:
    broker = f"redis://127.0.0.1:{free_port()}/0"
    fields = {"data_dir": data_dir, "database_url": url, "broker_url": broker, "samples": False}
    return Settings.model_validate(fields)
