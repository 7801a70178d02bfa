"""`GET /system` of a running service."""

from etl_monitor.version import VERSION
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.system import SystemState
from tests.support.eventually import eventually
from tests.support.people import Person


def _state(person: Person) -> SystemState:
    return SystemState.model_validate(person.service.data("GET", "/system"))


def test_a_busy_worker_is_listed_with_its_job(person: Person) -> None:
    test, gate = person.upload_held()
    job_id = test["activeJob"]["jobId"]

    def is_listed_with_its_job() -> None:
        workers = {worker.job_id: worker for worker in _state(person).workers}
        assert workers[job_id].alive
        assert workers[job_id].heartbeat_at is not None

    eventually(is_listed_with_its_job)
    gate.touch()
    person.job_becomes(job_id, "completed")


def test_the_state_of_a_service(person: Person) -> None:
    person.processed()
    state = _state(person)
    assert (state.version, len(state.workers), state.samples) == (VERSION, 2, 0)
    assert state.database.startswith("sqlite 3.")
    assert 0 < state.oldest_event <= state.position
    assert 0 < state.disk_free < state.disk_total
    assert state.started_at < state.now
    assert state.jobs[JobStatus.COMPLETED] >= 1
