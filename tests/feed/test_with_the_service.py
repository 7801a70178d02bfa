"""Client, follower and store against a real service in a process of its own."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl_monitor.client import EtlClient
from etl_monitor.errors import Conflict, NotFound
from etl_monitor.monitoring import Monitoring
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import TestResult
from tests.support.scripted import KIND, SETTING, Script
from tests.support.scripted_server import closed_port
from tests.support.service_process import RunningService, running_service

WAIT_TIMEOUT = 30.0  # seconds
ENV = SETTING | {"ETL_MONITOR_WORKERS": "1"}
TOKEN = {"ETL_MONITOR_API_TOKEN": "of-this-test"}


class User:
    """A person with a client and a follower."""

    def __init__(self, base_url: str, token: str) -> None:
        self.client = EtlClient(base_url, token)
        self.monitoring = Monitoring(self.client, interval=0.1, max_attempts=300)
        self.monitoring.connect()

    def upload(self, script: Script, title: str = "A test") -> TestResult:
        file = io.BytesIO(script.file())
        return self.client.upload(file, "a.json", test_kind=KIND, title=title, user_id="kim")

    def until(self, predicate: Callable[[Snapshot], bool]) -> Snapshot:
        assert self.monitoring.wait_until(predicate, WAIT_TIMEOUT), self.monitoring.snapshot()
        return self.monitoring.snapshot()

    def until_live(self) -> Snapshot:
        return self.until(lambda seen: seen.connection.is_live)

    def until_status(self, job_id: str, status: JobStatus) -> Job:
        seen = self.until(lambda s: job_id in s.jobs and s.jobs[job_id].status is status)
        return seen.jobs[job_id]

    def assert_right(self) -> None:
        """Assert that the store has the jobs of the service, field by field."""
        listed = self.client.jobs()
        self.until(lambda seen: seen.position == listed.position)
        expected = {job.job_id: job for job in listed.jobs}
        assert dict(self.monitoring.snapshot().jobs) == expected

    def close(self) -> None:
        self.monitoring.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service") / "data", env=ENV) as service:
        yield service


@pytest.fixture
def user(service: RunningService) -> Iterator[User]:
    user = User(service.base_url, service.token)
    yield user
    user.close()


def job_of(result: TestResult) -> str:
    assert result.active_job is not None
    return result.active_job.job_id


def test_a_job_from_upload_to_results(user: User, tmp_path: Path) -> None:
    user.until_live()
    result = user.upload(Script(rows=50), title="3월")
    job = user.until_status(job_of(result), JobStatus.COMPLETED)
    assert (job.progress, job.title, job.test_id) == (100, "3월", result.id)
    user.assert_right()
    assert user.monitoring.snapshot().counters.late == 0
    assert user.monitoring.snapshot().counters.unknown == 0
    assert user.monitoring.snapshot().counters.reconnects == 0

    done = user.client.result(result.id)
    assert done.respondents == 50
    assert user.client.results(q="3월").total == 1
    statistics = user.client.statistics(result.id)
    assert statistics is not None
    assert statistics.respondents.total == 50
    document = user.client.document(result.id, done.documents[0].id)
    assert document.startswith("content of 3월")
    korean = user.client.with_language("ko")
    assert korean.document(result.id, done.documents[0].id).startswith("내용")
    user.client.scores(result.id, tmp_path / "scores.csv", "csv")
    assert (tmp_path / "scores.csv").read_text("utf-8-sig").count("\n") == 51
    assert [kind.key for kind in user.client.test_kinds()] == [KIND]
    assert user.client.job(job.job_id).log


def test_cancel_retry_and_their_errors(user: User, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    held = user.upload(Script(gate=str(gate)))
    waiting = user.upload(Script())
    user.until_status(job_of(held), JobStatus.RUNNING)
    user.client.cancel(job_of(held), "wrong file")
    cancelled = user.until_status(job_of(held), JobStatus.CANCELLED)
    assert cancelled.cancel_reason == "wrong file"
    user.until_status(job_of(waiting), JobStatus.COMPLETED)
    with pytest.raises(Conflict) as refused:
        user.client.cancel(job_of(held))
    assert refused.value.code == "job_not_cancellable"

    gate.touch()
    started = user.client.retry(job_of(held))
    again = user.until_status(started.job_id, JobStatus.COMPLETED)
    assert again.retry_of == cancelled.job_id
    assert user.monitoring.snapshot().latest_by_test[held.id] == started.job_id
    outcomes = user.client.bulk("retry", [started.job_id, "nobody"])
    assert [outcome.error.code for outcome in outcomes if outcome.error] == [
        "job_not_retryable",
        "job_not_found",
    ]
    actions = {(entry.action, entry.code) for entry in user.client.activity().entries}
    assert {("cancel", None), ("cancel", "job_not_cancellable"), ("retry", None)} <= actions
    user.assert_right()


def test_deleting_a_result_removes_its_jobs(user: User) -> None:
    result = user.upload(Script(fail=True))
    failed = user.until_status(job_of(result), JobStatus.FAILED)
    assert failed.error_code == "too_bad"
    user.client.delete_result(result.id)
    user.until(lambda seen: failed.job_id not in seen.jobs)
    with pytest.raises(NotFound):
        user.client.result(result.id)
    user.assert_right()


def test_a_service_that_is_killed_and_restarted(tmp_path: Path) -> None:
    """The store shows the state that the service gives its jobs after the crash."""
    port, data_dir, env = closed_port(), tmp_path / "data", ENV | TOKEN
    gate = tmp_path / "gate"
    with running_service(data_dir, env=env, port=port) as service:
        user = User(service.base_url, service.token)
        result = user.upload(Script(gate=str(gate)))
        user.until_status(job_of(result), JobStatus.RUNNING)
        service.kill()
        user.until(lambda seen: not seen.connection.is_live)
        assert user.monitoring.snapshot().jobs, "what is known stays"
    gate.touch()
    with running_service(data_dir, env=env, port=port):
        user.monitoring.retry_now()
        user.until_live()
        user.until_status(job_of(result), JobStatus.FAILED)
        user.assert_right()
        counters = user.monitoring.snapshot().counters
        assert (counters.reconnects, counters.resyncs, counters.gaps) == (1, 0, 0)
        user.close()


@pytest.mark.long
def test_a_service_with_another_database(tmp_path: Path) -> None:
    """The service does not know our position: it sends a reset, and the list is loaded."""
    port, env = closed_port(), ENV | TOKEN
    with running_service(tmp_path / "old", env=env, port=port) as service:
        user = User(service.base_url, service.token)
        result = user.upload(Script())
        user.until_status(job_of(result), JobStatus.COMPLETED)
    with running_service(tmp_path / "new", env=env, port=port):
        user.monitoring.retry_now()
        user.until(lambda seen: seen.connection.is_live and not seen.jobs)
        result = user.upload(Script())
        user.until_status(job_of(result), JobStatus.COMPLETED)
        user.assert_right()
        assert user.monitoring.snapshot().counters.resyncs == 1
        user.close()


@pytest.mark.long
def test_a_service_with_another_database_whose_positions_are_higher(tmp_path: Path) -> None:
    """Its positions continue ours, but belong to another log."""
    port, env = closed_port(), ENV | TOKEN
    with running_service(tmp_path / "old", env=env, port=port) as service:
        user = User(service.base_url, service.token)
        old = user.upload(Script())
        user.until_status(job_of(old), JobStatus.COMPLETED)
        before = int(user.monitoring.snapshot().position)
        user.monitoring.disconnect()
    with running_service(tmp_path / "new", env=env, port=port) as service:
        while int(user.client.jobs().position) <= before:
            another = User(service.base_url, service.token)
            another.until_status(job_of(another.upload(Script())), JobStatus.COMPLETED)
            another.close()
        user.monitoring.connect()
        user.until(lambda seen: seen.connection.is_live and job_of(old) not in seen.jobs)
        user.assert_right()
        counters = user.monitoring.snapshot().counters
        assert (counters.resyncs, counters.gaps, counters.duplicates) == (1, 0, 0)
        user.close()


def test_a_wrong_token_is_shown_at_once(user: User) -> None:
    stranger = User(user.client.base_url, "not-a-token")
    seen = stranger.until(lambda seen: seen.connection.reason is not None)
    assert seen.connection.reason == "unauthorised"
    assert not seen.jobs
    stranger.close()
