"""The workers of Celery: which ones count as lost, and which ones do not start."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from etl_monitor.service import engine_errors, startup_errors
from etl_monitor.service.bootstrap import open_service
from etl_monitor.service.engines import nodes, remote, worker
from etl_monitor.service.engines.base import WorkerState
from etl_monitor.service.engines.hints import BrokerUnreachable, Hints, make_app
from etl_monitor.service.engines.job_runner import WorkerContext
from etl_monitor.service.engines.node import open_node
from etl_monitor.service.engines.nodes import NodeWatch
from etl_monitor.service.engines.queues import QUEUE
from etl_monitor.service.engines.remote import RemoteEngine
from etl_monitor.service.jobs import lifecycle, rules
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.jobs.rules import QueueRules
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from etl_monitor.settings import Settings
from etl_monitor.wire.job import JobStatus
from tests.support.eventually import eventually
from tests.support.installation import WORKER_ARGUMENTS
from tests.support.records import STEPS, add_test
from tests.support.scripted import PIPELINE
from tests.support.servers import Server, free_port, new_database, running_redis
from tests.support.service_process import ROOT, spawn_service

CANNOT_START = 2
A_DAY = 24 * 3600  # seconds
WORKER = WorkerState(name="worker-1-0a1b2c3d@etl2-9c0d1e2f", pid=7, alive=True)
on_both = pytest.mark.databases("sqlite", "postgresql")


def test_a_workers_name_says_its_node() -> None:
    name = nodes.worker_name(1, "0a1b2c3d", "etl2-9c0d1e2f")
    assert (name, nodes.node_of(name)) == (WORKER.name, "etl2-9c0d1e2f")
    assert nodes.worker_name(1, "0a1b2c3d", "") == "worker-1-0a1b2c3d"
    assert nodes.node_of("worker-1-0a1b2c3d") == nodes.node_of(None) == ""


def test_a_node_is_lost_when_its_beats_stand_still() -> None:
    at = 0.0
    watch = NodeWatch(lost_after=20, clock=lambda: at)
    assert watch.lost({"a": 1, "b": 1}) == []
    at = 15
    assert watch.lost({"a": 2, "b": 1}) == []
    at = 25
    assert watch.lost({"a": 2, "b": 1}) == ["b"]
    at = 40
    assert watch.lost({"a": 2, "c": 1}) == ["a"]


def test_after_an_outage_of_the_database_nodes_have_their_time_again() -> None:
    at = 0.0
    watch = NodeWatch(lost_after=20, clock=lambda: at)
    watch.lost({"a": 1})
    watch.forget()
    at = 25
    assert watch.lost({"a": 1}) == []
    at = 50
    assert watch.lost({"a": 1}) == ["a"]


@on_both
def test_a_beat_makes_a_node_known_until_it_is_removed(db: Database) -> None:
    with db.writing() as tx:
        nodes.beat(tx, "a", [WORKER])
        nodes.beat(tx, "a", [WORKER])
    with db.reading() as tx:
        (node,) = nodes.living(tx)
        assert nodes.is_known(tx, "a")
    assert (node.name, node.beats, node.workers, node.queues) == ("a", 2, [WORKER], [QUEUE])
    with db.writing() as tx:
        nodes.remove(tx, "a")
        assert not nodes.is_known(tx, "a")


@on_both
def test_a_node_that_counts_as_lost_claims_nothing(db: Database, folders: Folders) -> None:
    with db.writing() as tx:
        add_test(tx)
    context = WorkerContext(
        db=db,
        folders=folders,
        pipeline=PIPELINE,
        worker=WORKER.name,
        kinds_dir=None,
        reads=DatabaseOutage("test"),
        writes=DatabaseOutage("test"),
    )
    node = nodes.node_of(WORKER.name)
    assert worker._claim(context, node) is None
    with db.writing() as tx:
        nodes.beat(tx, node, [WORKER])
    assert worker._claim(context, node) is not None


@on_both
def test_running_jobs_of_unknown_nodes_end_as_lost_and_of_known_ones_go_on(
    db: Database, folders: Folders
) -> None:
    with db.writing() as tx:
        for _ in range(3):
            add_test(tx)
        nodes.beat(tx, "etl2-9c0d1e2f", [WORKER])
        names = (WORKER.name, "worker-1-0a1b2c3d@gone", "worker-1-0a1b2c3d")
        jobs = [lifecycle.claim(tx, name, STEPS) for name in names]
    engine = RemoteEngine(db, folders, Hints(f"redis://127.0.0.1:{free_port()}/0"))
    engine.start()

    def are_ended() -> None:
        with db.reading() as tx:
            found = [job_queries.get(tx, job.job_id) for job in jobs if job is not None]
        expected = [JobStatus.RUNNING, JobStatus.FAILED, JobStatus.FAILED]
        assert [job.status for job in found] == expected
        assert {job.error_code for job in found[1:]} == {"worker_lost"}

    eventually(are_ended)
    assert engine.workers() == [WORKER]
    engine.stop()


def test_jobs_wait_while_the_broker_is_away(db: Database, folders: Folders) -> None:
    with db.writing() as tx:
        add_test(tx)
    engine = RemoteEngine(db, folders, Hints(f"amqp://127.0.0.1:{free_port()}//"))
    engine.start()

    def is_named() -> None:
        assert engine.problem is not None
        assert "refused" in engine.problem

    eventually(is_named)
    assert engine.alive
    engine.stop()


@pytest.mark.databases("postgresql")
def test_an_idle_service_notices_that_the_broker_is_away_and_back(
    db: Database, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "BROKER_INTERVAL", 0.0)
    monkeypatch.setattr(remote, "SWEEP_INTERVAL", 0.1)
    with running_redis() as broker:
        engine = RemoteEngine(db, folders, Hints(f"redis://127.0.0.1:{broker.port}/0"))
        engine.start()

        def has_problem(expected: bool) -> None:
            assert (engine.problem is not None) == expected

        broker.kill()
        eventually(lambda: has_problem(True), within=60)
        broker.start()
        eventually(lambda: has_problem(False), within=60)
        engine.stop()


def test_a_broker_that_does_not_answer_is_named() -> None:
    with pytest.raises(BrokerUnreachable, match="refused"):
        Hints(f"redis://127.0.0.1:{free_port()}/0").top_up(1)


def test_a_service_with_a_broker_needs_postgresql(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "broker_url": "redis://127.0.0.1/0", "samples": False}
    )
    with pytest.raises(engine_errors.BrokerNeedsDatabase), open_service(settings):
        pass


@pytest.mark.parametrize("broker_url", ["redis://127.0.0.1/0", "amqp://127.0.0.1//"])
def test_a_hint_is_acknowledged_late_and_no_worker_hoards_them(broker_url: str) -> None:
    """What these settings do with a real broker is in the engine contract."""
    conf = make_app(broker_url).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    (queue,) = conf.task_queues
    assert queue.queue_arguments["x-consumer-timeout"] == A_DAY * 1000
    visible_after = conf.broker_transport_options.get("visibility_timeout")
    assert visible_after == (A_DAY if broker_url.startswith("redis") else None)


def test_a_queue_that_a_worker_names_is_declared_as_the_service_declares_it() -> None:
    (default,) = make_app("amqp://127.0.0.1//").conf.task_queues
    large = make_app("amqp://127.0.0.1//").amqp.queues[f"{QUEUE}.large"]
    assert (large.exchange.name, large.routing_key) == (f"{QUEUE}.large", f"{QUEUE}.large")
    assert large.queue_arguments == default.queue_arguments


@pytest.mark.parametrize(
    ("setting", "variable"),
    [
        ({}, "ETL_MONITOR_BROKER_URL"),
        ({"ETL_MONITOR_BROKER_URL": "redis://127.0.0.1/0"}, "ETL_MONITOR_DATABASE_URL"),
    ],
)
def test_a_worker_without_broker_or_database_does_not_start(
    setting: dict[str, str], variable: str
) -> None:
    command = [sys.executable, "-m", "celery", *WORKER_ARGUMENTS]
    done = subprocess.run(
        command, env=setting | {"PATH": ""}, cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == CANNOT_START
    assert variable in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_worker_with_another_data_directory_does_not_start(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    settings = Settings.model_validate({"data_dir": tmp_path, "database_url": url})
    with pytest.raises(startup_errors.DataDirNotShared), open_node(settings, 1):
        pass


def test_a_worker_of_a_queue_that_does_not_exist_does_not_start(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": tmp_path})
    for queue in ("etl-monitor.larg", "etl-monitor.kind.", "celery"):
        with (
            pytest.raises(engine_errors.QueueUnknown, match=queue),
            open_node(settings, 1, [QUEUE, queue]),
        ):
            pass


def test_a_worker_of_large_files_says_that_none_are_large(
    postgres: Server, migrated_postgres: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = new_database(postgres, migrated_postgres)
    fields = {"data_dir": tmp_path, "database_url": url, "samples": False}
    settings = Settings.model_validate(fields)
    with open_service(settings):
        pass  # marks the data directory
    queues = [f"{QUEUE}.large", f"{QUEUE}.small", QUEUE]
    with open_node(settings, 1, queues):
        said = [record for record in caplog.records if record.message == "queue_without_jobs"]
    assert [vars(record)["queue"] for record in said] == [f"{QUEUE}.large"]
    caplog.clear()
    with closing(Database(url)) as db, db.writing() as tx:
        rules.store(tx, QueueRules(large_bytes=10))
    with open_node(settings, 1, queues):
        assert "queue_without_jobs" not in caplog.messages


def test_workers_and_a_service_that_runs_jobs_itself_do_not_share_a_database(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    local = Settings.model_validate({"data_dir": tmp_path, "database_url": url, "samples": False})
    broker = f"redis://127.0.0.1:{free_port()}/0"
    remote = local.model_copy(update={"broker_url": SecretStr(broker)})
    refused = pytest.raises(engine_errors.ServiceRunsJobs)
    with open_service(local), refused, open_node(local, 1):
        pass
    with open_node(local, 1), open_node(local, 1):
        with pytest.raises(engine_errors.WorkersRunJobs), open_service(local):
            pass
        with open_service(remote):
            pass
    with open_service(local):
        pass


def test_a_service_without_a_broker_is_refused_in_one_line_while_workers_run(
    postgres: Server, migrated_postgres: str, tmp_path: Path
) -> None:
    url = new_database(postgres, migrated_postgres)
    settings = {"data_dir": tmp_path, "database_url": url, "samples": False}
    with open_service(Settings.model_validate(settings)):
        pass  # marks the data directory
    env = {"ETL_MONITOR_DATABASE_URL": url, "ETL_MONITOR_API_TOKEN": "t"}
    with open_node(Settings.model_validate(settings), 1):
        process = spawn_service(tmp_path, "--port=0", env=env, stderr=-1)
        _, said = process.communicate(timeout=120)
    assert process.returncode == CANNOT_START
    assert said.count("\n") == 1
    assert "stop them before this service runs the jobs itself" in said


def test_a_worker_of_another_version_does_not_start(postgres: Server, tmp_path: Path) -> None:
    url = new_database(postgres)
    settings = Settings.model_validate({"data_dir": tmp_path, "database_url": url})
    with pytest.raises(engine_errors.DatabaseOfOtherVersion), open_node(settings, 1):
        pass
