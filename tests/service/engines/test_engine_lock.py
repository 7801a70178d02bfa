"""What runs a database's jobs keeps the others away, also after PostgreSQL has restarted."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from etl_monitor.service import engine_errors
from etl_monitor.service.bootstrap import open_service
from etl_monitor.service.engines.engine_lock import engine_lock
from etl_monitor.service.engines.node import open_node
from etl_monitor.service.storage.database import Database
from etl_monitor.settings import Settings
from tests.support.eventually import eventually
from tests.support.servers import (
    Server,
    new_database,
    postgres_address,
    restart_postgres,
    running_postgres,
)

pytestmark = pytest.mark.long

ENGINE = 0x65746C65  # the lock's number
HOLDERS = """
SELECT mode, l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE locktype = 'advisory' AND objid = %s AND granted AND datname = %s
"""
ENTER = "SELECT pg_advisory_lock_shared(%s)"
QUIET = {"samples": False}
WITHIN = 60.0  # seconds, on a busy machine


def _holders(server: Server, url: str) -> list[tuple[str, int]]:
    with psycopg.connect(postgres_address(server)) as connection:
        return connection.execute(HOLDERS, (ENGINE, url.rpartition("/")[2])).fetchall()


def _wait_for_holders(server: Server, url: str, *modes: str) -> None:
    def are_there() -> None:
        assert [mode for mode, _ in _holders(server, url)] == list(modes)

    eventually(are_there, within=WITHIN)


@pytest.fixture(scope="module")
def mortal() -> Iterator[Server]:
    with running_postgres() as server:
        yield server


def test_both_take_their_locks_again_after_postgresql_has_restarted(
    mortal: Server, tmp_path: Path
) -> None:
    urls = [new_database(mortal), new_database(mortal)]
    local, remote = (
        Settings.model_validate({"data_dir": tmp_path / url[-3:], "database_url": url} | QUIET)
        for url in urls
    )
    with open_service(remote):
        pass  # makes the tables
    with ExitStack() as stack:
        stack.enter_context(open_service(local))
        for _ in range(2):
            stack.enter_context(open_node(remote, 1))
        restart_postgres(mortal)
        _wait_for_holders(mortal, urls[0], "ExclusiveLock")
        _wait_for_holders(mortal, urls[1], "ShareLock", "ShareLock")
        with pytest.raises(engine_errors.ServiceRunsJobs), open_node(local, 1):
            pass
        with pytest.raises(engine_errors.WorkersRunJobs), open_service(remote):
            pass
    _wait_for_holders(mortal, urls[0])
    _wait_for_holders(mortal, urls[1])


def test_a_lock_that_others_took_meanwhile_is_named_and_taken_when_they_end(
    postgres: Server, migrated_postgres: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url = new_database(postgres, migrated_postgres)
    with closing(Database(url)) as db, engine_lock(db, shared=False, interval=0.05) as is_free:
        assert is_free
        ((_, holder),) = _holders(postgres, url)
        with (
            psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as other,
            psycopg.connect(postgres_address(postgres), autocommit=True) as admin,
            ThreadPoolExecutor() as threads,
        ):
            entering = threads.submit(other.execute, ENTER, (ENGINE,))
            eventually(lambda: _is_waited_for(admin), within=WITHIN)
            admin.execute("SELECT pg_terminate_backend(%s)", (holder,))
            entering.result(timeout=WITHIN)
            eventually(lambda: _has_logged(caplog, "engine_shared"), within=WITHIN)
        _wait_for_holders(postgres, url, "ExclusiveLock")
        assert [record.getMessage() for record in caplog.records].count("engine_shared") == 1
        eventually(lambda: _has_logged(caplog, "engine_lock_retaken"), within=WITHIN)


def _is_waited_for(connection: psycopg.Connection) -> None:
    query = "SELECT count(*) FROM pg_locks WHERE objid = %s AND NOT granted"
    assert connection.execute(query, (ENGINE,)).fetchone() == (1,)


def _has_logged(caplog: pytest.LogCaptureFixture, event: str) -> None:
    assert event in [record.getMessage() for record in caplog.records]
