"""A service on PostgreSQL: one service for a database, and an outage that passes."""

from pathlib import Path

import pytest

from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.scripted import SETTING, Script
from tests.support.servers import Server, new_database, running_postgres
from tests.support.service_process import RunningService, running_service, spawn_service

pytestmark = pytest.mark.long

UNAVAILABLE = 503


def test_a_second_service_on_the_database_does_not_start(postgres: Server, tmp_path: Path) -> None:
    setting = SETTING | {"ETL_MONITOR_DATABASE_URL": new_database(postgres)}
    with running_service(tmp_path / "first", env=setting):
        second = spawn_service(tmp_path / "second", "--port=0", "--no-samples", env=setting)
        _, _ = second.communicate(timeout=120)
        assert second.returncode == 2


def test_jobs_go_on_after_an_outage_of_the_database(tmp_path: Path) -> None:
    with running_postgres() as server:
        setting = SETTING | {"ETL_MONITOR_DATABASE_URL": new_database(server)}
        with running_service(tmp_path / "data", env=setting) as service:
            person = Person(service=service, user_id="kim", folder=tmp_path)
            test, gate = person.upload_held(rows=10)
            server.kill()
            eventually(lambda: answers_unavailable(service), within=120)
            server.start()
            gate.touch()
            eventually(lambda: service.data("GET", "/etl/jobs"), within=120)
            person.job_becomes(test["activeJob"]["jobId"], "completed", within=120)
            person.processed(Script(rows=20), title="After it")


def answers_unavailable(service: RunningService) -> None:
    assert service.call("GET", "/etl/jobs").status_code == UNAVAILABLE
