"""A job's trace goes on in a worker of Celery, which the request does not reach."""

from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.scripted import KIND, Script
from tests.support.servers import Server, new_database, running_redis
from tests.support.trace_collector import running_collector, wait_for_run, way_to

pytestmark = pytest.mark.long


def test_the_worker_of_celery_continues_the_trace(postgres: Server, tmp_path: Path) -> None:
    with running_collector() as collector, running_redis() as redis:
        setting = {
            "ETL_MONITOR_BROKER_URL": f"redis://127.0.0.1:{redis.port}/0",
            "ETL_MONITOR_DATABASE_URL": new_database(postgres),
            "ETL_MONITOR_WORKERS": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        with Installation(tmp_path, setting) as engine:
            test = engine.service.data(
                "POST",
                "/tests/results",
                data={"testKind": KIND, "userId": "kim", "title": "A test"},
                files={"file": ("answers.json", Script().file())},
            )
            run = wait_for_run(collector, (test["activeJob"] or test["lastJob"])["jobId"])
            assert way_to(collector, run) == [
                ("etl-worker", "run job"),
                ("etl-service", "create job"),
                ("etl-service", "POST /tests/results"),
            ]
