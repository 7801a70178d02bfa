"""The combinations on which the suites of faults run: SQLite with worker processes of the service's
own, and PostgreSQL with a worker of Celery on Redis. docs/reliability.md lists the suites."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.support.servers import Server, new_database, running_redis

LOCAL, CELERY = "sqlite-local", "postgresql-celery"
COMBINATIONS = [LOCAL, pytest.param(CELERY, marks=pytest.mark.long)]


@contextmanager
def combination_setting(name: str, request: pytest.FixtureRequest) -> Iterator[Mapping[str, str]]:
    """Yield the settings that make a combination; its servers run meanwhile."""
    if name == LOCAL:
        yield {}
        return
    with celery_setting(request.getfixturevalue("postgres")) as setting:
        yield setting


@contextmanager
def celery_setting(postgres: Server) -> Iterator[Mapping[str, str]]:
    """Yield the settings of a new database, and of a broker that runs meanwhile."""
    with running_redis() as redis:
        yield {
            "ETL_MONITOR_DATABASE_URL": new_database(postgres),
            "ETL_MONITOR_BROKER_URL": f"redis://127.0.0.1:{redis.port}/0",
        }
