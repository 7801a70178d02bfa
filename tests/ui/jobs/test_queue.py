"""Each waiting job's place: the store's, or the service's if limits let others start first."""

from collections.abc import Iterator, Mapping

import pytest

from etl_monitor.ui.jobs.queue import queue_texts
from etl_monitor.wire.job import Job
from tests.support import factories
from tests.support.factories import ago, render_context
from tests.support.scripted_server import ScriptedServer, reply, status

JOBS = [
    factories.pending(job_id=name, created_at=ago(minutes=minutes))
    for name, minutes in (("a", 3), ("b", 2), ("c", 1))
]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def texts_of(server: ScriptedServer, *listed: Job) -> Mapping[str, str]:
    data = [job.model_dump(mode="json", by_alias=True) for job in listed]
    server.on("/etl/jobs", reply(data, X_Total_Count="3", X_Last_Event_Id="1"))
    with render_context(*JOBS, base_url=server.address) as ctx:
        return queue_texts(ctx)


def at_place(job: Job, place: int) -> Job:
    return job.model_copy(update={"queue_position": place})


def test_without_the_service_the_places_are_the_stores(server: ScriptedServer) -> None:
    server.on("/etl/jobs", status(503))
    with render_context(*JOBS, base_url=server.address) as ctx:
        assert queue_texts(ctx) == {"a": "place 1", "b": "place 2", "c": "place 3"}


def test_a_job_that_a_limit_holds_back_comes_after_those_that_pass(server: ScriptedServer) -> None:
    a, b, c = JOBS
    listed = (at_place(a, 3), at_place(b, 1), at_place(c, 2))
    assert texts_of(server, *listed) == {"a": "place 3", "b": "place 1", "c": "place 2"}


def test_places_of_another_moment_are_not_shown(server: ScriptedServer) -> None:
    a, b, c = JOBS
    listed = (at_place(c, 1), at_place(a, 2), at_place(b, 3))
    assert texts_of(server, *listed) == {"a": "place 1", "b": "place 2", "c": "place 3"}
