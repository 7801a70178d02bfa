"""`GET /system`: what whoever runs a service wants to know, of a real one."""

from etl_monitor.version import VERSION
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.system import SystemState
from tests.support.eventually import eventually
from tests.support.people import Person


def _state(person: Person) -> SystemState:
    return SystemState.model_validate(person.service.data("GET", "/system"))


def test_workers_tell_what_they_are_at(person: Person) -> None:
    test, gate = person.upload_held()
    job_id = test["activeJob"]["jobId"]

    def is_seen_at_work() -> None:
        busy = {one.job_id: one for one in _state(person).workers}
        assert busy[job_id].alive
        assert busy[job_id].heartbeat_at is not None

    eventually(is_seen_at_work)
    gate.touch()
    person.job_becomes(job_id, "completed")


def test_one_look(person: Person) -> None:
    person.processed()
    state = _state(person)
    assert (state.version, len(state.workers), state.samples) == (VERSION, 2, 0)
    assert state.database.startswith("sqlite 3.")
    assert 0 < state.oldest_event <= state.position
    assert 0 < state.disk_free < state.disk_total
    assert state.started_at < state.now
    assert state.jobs[JobStatus.COMPLETED] >= 1
