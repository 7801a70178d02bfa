"""What every engine promises, shown by the local one and by Celery on Redis and on RabbitMQ."""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import requests
from sqlalchemy import func as sql
from sqlalchemy import select

from etl_monitor.service.engines.hints import Hints, make_app
from etl_monitor.service.engines.queues import QUEUE
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.results import registration
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import job_log
from etl_monitor.wire.job import JobStatus
from tests.support.eventually import eventually
from tests.support.installation import (
    HUNG_AFTER,
    WORKER_ARGUMENTS,
    WORKERS,
    Installation,
)
from tests.support.lives import all_gone
from tests.support.people import Person
from tests.support.scripted import KIND, LIMITED_KIND, Script
from tests.support.servers import (
    Server,
    free_port,
    new_database,
    running_rabbitmq,
    running_redis,
)

WITHIN = 120.0  # seconds, on a busy machine
MANY = {"redis": 200, "rabbitmq": 20}  # waiting jobs


OF_LIMITED_KIND = {"kind": LIMITED_KIND}
FLOWER = WORKER_ARGUMENTS[:2]  # -A etl_monitor.service.engines.celery
LARGE = 1_100_000  # bytes
WITH_LARGE_FILE = {"padding": LARGE}

LONG = [pytest.param(name, marks=pytest.mark.long) for name in ("redis", "rabbitmq")]


@pytest.fixture(scope="module", params=["local", *LONG])
def broker(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    with ExitStack() as servers:
        if request.param == "local":
            yield None
        elif request.param == "redis":
            yield servers.enter_context(running_redis())
        else:
            yield servers.enter_context(running_rabbitmq())


def _address(broker: Server) -> str:
    if broker.name == "redis":
        return f"redis://127.0.0.1:{broker.port}/0"
    return f"amqp://guest:guest@127.0.0.1:{broker.port}//"


@pytest.fixture(scope="module")
def engine(
    broker: Server | None, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    setting = {}
    if broker is not None:
        setting["ETL_MONITOR_BROKER_URL"] = _address(broker)
        setting["ETL_MONITOR_DATABASE_URL"] = new_database(request.getfixturevalue("postgres"))
    with Installation(tmp_path_factory.mktemp("contract"), setting) as installation:
        yield installation


@pytest.fixture
def person(engine: Installation, request: pytest.FixtureRequest) -> Iterator[Person]:
    person = engine.person(request.node.name)
    yield person
    assert engine.service.data("GET", "/etl/jobs/active") == []


def _job_id(test: Any) -> str:
    job_id: str = (test["activeJob"] or test["lastJob"])["jobId"]
    return job_id


def _held(person: Person, count: int, **script: Any) -> tuple[list[str], list[Path]]:
    """Occupy workers with jobs at gates. Returns the jobs' ids and the gates."""
    held = [person.upload_held(**script) for _ in range(count)]
    return [_job_id(test) for test, _ in held], [gate for _, gate in held]


class TestEngineContract:
    def test_a_job_runs_and_reports_its_progress(self, person: Person) -> None:
        (job_id,), (gate,) = _held(person, 1, rows=100)

        def is_halfway() -> None:
            job = person.job(job_id)
            assert (job["rowsDone"], job["rowsTotal"]) == (50, 100), job

        eventually(is_halfway, within=WITHIN)
        gate.touch()
        job = _becomes(person, job_id, "completed")
        assert (job["progress"], job["attempt"]) == (100, 1)
        assert [step["status"] for step in job["steps"]] == ["completed"] * 3

    def test_as_many_jobs_run_as_there_are_workers_and_the_others_in_order(
        self, person: Person
    ) -> None:
        _, gates = _held(person, WORKERS)
        waiting = [_job_id(person.upload()) for _ in range(4)]
        person.service.data("POST", f"/etl/jobs/{waiting[-1]}/promote")
        jobs = [person.job(job_id) for job_id in waiting]
        assert [job["status"] for job in jobs] == ["pending"] * 4
        assert [job["queuePosition"] for job in jobs] == [2, 3, 4, 1]
        for gate in gates:
            gate.touch()
        ended = [_becomes(person, job_id, "completed") for job_id in waiting]
        started = sorted(ended, key=lambda job: str(job["startedAt"]))
        order = [waiting.index(job["jobId"]) for job in started]
        assert order == [3, 0, 1, 2]
        eventually(lambda: _nothing_is_active(person), within=WITHIN)

    @pytest.mark.parametrize("limited", [OF_LIMITED_KIND, WITH_LARGE_FILE], ids=["kind", "size"])
    def test_a_limit_holds_back_its_own_jobs_only(
        self, person: Person, limited: Mapping[str, Any]
    ) -> None:
        (first,), (gate,) = _held(person, 1, **limited)
        script = Script(padding=limited.get("padding", 0))
        held = _job_id(person.upload(script, testKind=limited.get("kind", KIND)))
        passing = [_job_id(person.upload()) for _ in range(3)]
        for job_id in passing:
            _becomes(person, job_id, "completed")
        waiting = person.job(held)
        assert (waiting["status"], waiting["queuePosition"]) == ("pending", 1)
        gate.touch()
        ended = _becomes(person, first, "completed")
        assert _becomes(person, held, "completed")["startedAt"] >= ended["finishedAt"]

    def test_a_waiting_job_that_is_cancelled_never_runs(self, person: Person) -> None:
        _, gates = _held(person, WORKERS)
        job_id = _job_id(person.upload())
        person.service.data("POST", f"/etl/jobs/{job_id}/cancel")
        assert person.job(job_id)["status"] == "cancelled"
        for gate in gates:
            gate.touch()
        eventually(lambda: _nothing_is_active(person), within=WITHIN)
        assert (person.job(job_id)["startedAt"], person.job(job_id)["log"]) == (None, [])

    def test_a_running_job_that_is_cancelled_stops(self, person: Person) -> None:
        (job_id,), _ = _held(person, 1)
        person.service.data("POST", f"/etl/jobs/{job_id}/cancel")
        assert _becomes(person, job_id, "cancelled")["forced"] is False

    def test_a_job_that_ignores_the_request_is_killed_with_all_its_processes(
        self, person: Person
    ) -> None:
        (job_id,), _ = _held(person, 1, ignore_cancel=True, child=True)
        (child,) = eventually(lambda: _children(person, job_id), within=WITHIN)
        person.service.data("POST", f"/etl/jobs/{job_id}/cancel")
        assert _becomes(person, job_id, "cancelled")["forced"] is True
        eventually(lambda: all_gone([child]), within=WITHIN)

    def test_a_failed_job_is_retried(self, person: Person) -> None:
        job_id = _job_id(person.upload(Script(fail=True)))
        assert _becomes(person, job_id, "failed")["errorCode"] == "too_bad"
        again = person.service.data("POST", f"/etl/jobs/{job_id}/retry")["jobId"]
        assert _becomes(person, again, "failed")["attempt"] == 2

    def test_a_job_whose_process_is_killed_fails_and_the_next_one_runs(
        self, engine: Installation, person: Person
    ) -> None:
        (job_id,), _ = _held(person, 1)
        process = eventually(lambda: engine.worker_of(job_id), within=WITHIN)
        process.kill()
        job = _becomes(person, job_id, "failed")
        assert job["errorCode"] == "worker_lost", job
        # A node of Celery that is too busy to beat is lost as a whole, without a signal.
        if job["errorDetails"] is not None or "ETL_MONITOR_BROKER_URL" not in engine.setting:
            assert job["errorDetails"]["signal"] == "SIGKILL", job
        person.processed()

    def test_a_step_that_hangs_is_killed(self, person: Person) -> None:
        test = person.upload(Script(gate="/no/such/gate", hangs=True))
        job = _becomes(person, _job_id(test), "failed")
        assert (job["errorCode"], job["currentStep"]) == ("worker_lost", "work")
        details = {"reason": "hung", "step": "work", "seconds": HUNG_AFTER}
        assert job["errorDetails"] == details
        assert job["errorMessage"].startswith("The step work gave no sign of life for 4 s")
        assert person.processed()["status"] == "completed", "the slot is free again"

    def test_a_stop_hands_jobs_back_until_a_worker_of_their_queue_starts(
        self, engine: Installation, broker: Server | None, person: Person
    ) -> None:
        (job_id,), (gate,) = _held(person, 1)
        engine.stop_workers()
        if broker is not None:  # the service goes on; the local engine's workers take any job
            assert person.job(job_id)["status"] == "pending"
            engine.start(f"{QUEUE}.large", f"{QUEUE}.kind.{LIMITED_KIND}")
            for other in (
                person.upload(Script(padding=LARGE)),
                person.upload(testKind=LIMITED_KIND),
            ):
                _becomes(person, _job_id(other), "completed")
            waiting = person.job(job_id)
            assert (waiting["status"], waiting["expectedStart"]) == ("pending", None)
            engine.stop_workers()
        engine.start()
        again = engine.person(person.user_id)
        again.job_is_held(job_id)
        gate.touch()
        job = _becomes(again, job_id, "completed")
        assert (job["attempt"], job["restarts"]) == (1, 1)

    def test_flower_shows_each_task_with_its_job(
        self, engine: Installation, broker: Server | None, person: Person
    ) -> None:
        if broker is None or broker.name != "redis":
            return  # Flower reads the same events from either broker
        with _flower(engine) as address:
            job_id = _job_id(person.upload())
            eventually(lambda: _is_shown(address, job_id), within=WITHIN, every=0.5)
        _becomes(person, job_id, "completed")

    def test_after_a_kill_of_everything_each_job_ends_in_a_true_state(
        self, engine: Installation, broker: Server | None, person: Person
    ) -> None:
        running, gates = _held(person, WORKERS)
        waiting = [_job_id(person.upload()) for _ in range(3)]
        ready = 0 if broker is None else eventually(lambda: _ready(broker, 3), within=WITHIN)
        engine.kill()
        if broker is not None:  # their hints were not yet acknowledged, and no others were taken
            eventually(lambda: _is_given_back(broker, ready, len(running)), within=WITHIN)
        if broker is not None and broker.name == "redis":  # RabbitMQ takes long to start
            broker.kill()
            broker.start()
        for gate in gates:
            gate.touch()
        engine.start()
        again = engine.person(person.user_id)
        for job_id in running:
            assert _becomes(again, job_id, "failed")["errorCode"] == "worker_lost"
        for job_id in waiting:
            assert _becomes(again, job_id, "completed")["attempt"] == 1

    def test_what_the_broker_repeats_is_dropped_and_what_it_loses_is_sent_again(
        self, engine: Installation, broker: Server | None, person: Person
    ) -> None:
        if broker is None:
            return  # the local engine has none
        held, gates = _held(person, WORKERS)
        count = MANY[broker.name]
        jobs = [*held, *_many_waiting(engine, count)]
        hints = Hints(_address(broker))
        eventually(lambda: _no_hint_is_missing(hints, count), within=WITHIN)
        _delete_data(broker)
        hints.top_up(2 * count)  # more than jobs wait: as if delivered twice
        for gate in gates:
            gate.touch()
        eventually(lambda: _none_is_active(engine), within=400, every=0.5)
        listed = person.service.data("GET", "/etl/jobs?limit=500")
        status = {job["jobId"]: job["status"] for job in listed}
        assert {status[job_id] for job_id in jobs} == {"completed"}
        assert _runs(engine, jobs) == dict.fromkeys(jobs, 1)


@contextmanager
def _flower(engine: Installation) -> Iterator[str]:
    """Start Flower as docs/deploying.md does, with an API that needs no sign-in."""
    engine.setting["FLOWER_UNAUTHENTICATED_API"] = "true"
    port = free_port()
    process = engine.celery(*FLOWER, "flower", "--address=127.0.0.1", f"--port={port}")
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _sees_a_worker(address), within=WITHIN, every=0.5)
        yield address
    finally:
        process.kill()
        process.wait()


def _sees_a_worker(address: str) -> None:
    try:
        workers = requests.get(f"{address}/api/workers?refresh=true", timeout=30).json()
    except (requests.RequestException, ValueError) as error:
        raise AssertionError(str(error)) from None
    assert workers


def _is_shown(address: str, job_id: str) -> None:
    tasks = requests.get(f"{address}/api/tasks", timeout=30).json().values()
    of_job = [task for task in tasks if job_id in str(task["result"])]
    shown = [(task["name"], task["state"], task["args"]) for task in of_job]
    assert shown == [("etl_monitor.run_next_job", "SUCCESS", "()")], tasks


def _becomes(person: Person, job_id: str, status: str) -> Any:
    def has_become() -> Any:
        job = person.job(job_id)
        assert job["status"] == status, job
        return job

    return eventually(has_become, within=WITHIN, every=0.1)  # what waits takes no time of the rest


def _none_is_active(engine: Installation) -> None:
    with _database(engine) as db, db.reading() as tx:
        counts = count_by_status(tx)
    assert counts[JobStatus.PENDING] + counts[JobStatus.RUNNING] == 0, counts


def _nothing_is_active(person: Person) -> None:
    assert person.service.data("GET", "/etl/jobs/active") == []


def _children(person: Person, job_id: str) -> list[psutil.Process]:
    lines = " ".join(line["message"] for line in person.job(job_id)["log"])
    children = [psutil.Process(int(pid)) for pid in re.findall(r"child (\d+)", lines)]
    assert children
    return children


def _many_waiting(engine: Installation, count: int) -> list[str]:
    """Add tests straight to the database, as nothing but the sweep finds."""
    (engine.service.data_dir / "uploads" / "script.json").write_bytes(Script(rows=1).file())
    with _database(engine) as db, db.writing() as tx:
        jobs = [
            registration.register_test(tx, _new_test(), requested_by="kim", step_count=3)
            for _ in range(count)
        ]
    return [job.job_id for job in jobs]


def _new_test() -> registration.NewTest:
    return registration.NewTest(
        user_id="many", title="t", test_kind=KIND, file_name="a", source="script.json"
    )


def _ready(broker: Server, at_least: int) -> int:
    """Return how many hints no worker has taken yet."""
    app = make_app(_address(broker))
    with app.connection_for_read() as connection:
        queue = app.amqp.queues[QUEUE].bind(connection.default_channel)
        ready = int(queue.queue_declare(passive=True).message_count)
    assert ready >= at_least
    return ready


def _is_given_back(broker: Server, ready: int, taken: int) -> None:
    """RabbitMQ gives back at once what a killed worker had taken, Redis after a day."""
    if broker.name == "redis":
        with redis.Redis(port=broker.port) as client:
            assert client.hlen("unacked") == taken
    else:
        assert _ready(broker, ready) == ready + taken


def _no_hint_is_missing(hints: Hints, count: int) -> None:
    assert hints.top_up(count) == 0


def _delete_data(broker: Server) -> None:
    """Delete all that the broker stores. RabbitMQ, which takes long to start, deletes it itself."""
    if broker.name == "redis":
        broker.kill()
        shutil.rmtree(broker.folder / "appendonlydir")
        broker.start()
        return
    app = make_app(_address(broker))
    with app.connection_for_write() as connection:
        app.amqp.queues[QUEUE].bind(connection.default_channel).purge()


def _runs(engine: Installation, jobs: list[str]) -> dict[str, int]:
    """Return how often each job has begun, by the line that it logs first."""
    begins = job_log.c.message.startswith("prepare")
    query = select(job_log.c.job_id, sql.count()).where(job_log.c.job_id.in_(jobs), begins)
    with _database(engine) as db, db.reading() as tx:
        rows = tx.execute(query.group_by(job_log.c.job_id)).all()
    return {row[0]: row[1] for row in rows}


def _database(engine: Installation) -> closing[Database]:
    return closing(Database(engine.setting["ETL_MONITOR_DATABASE_URL"]))
