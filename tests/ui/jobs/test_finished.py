"""Finished jobs as the service lists and counts_by_status them."""

from collections.abc import Iterator

import pytest

from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.finished import counts_by_status, finished_page
from etl_monitor.wire.job import Job, JobStatus
from tests.support import factories
from tests.support.factories import ago, render_context
from tests.support.scripted_server import ScriptedServer, rejection, reply

LIST, COUNTS = "/etl/jobs", "/etl/jobs/counts"
FOUND = MonitorFilter(text="비어", errors=("empty_file",), person="kim", period="24h")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def lists(server: ScriptedServer, *jobs: Job) -> None:
    listed = [job.model_dump(mode="json", by_alias=True) for job in jobs]
    server.on(LIST, reply(listed, x_total_count=str(len(listed))))


def test_what_the_service_lists_is_shown_whatever_it_was_found_by(server: ScriptedServer) -> None:
    found = factories.completed(title="nothing of it", created_at=ago(days=2))
    lists(server, found)
    with render_context(base_url=server.address) as ctx:
        page = finished_page(FOUND, ctx)
        assert [job.job_id for job in page.jobs] == [found.job_id]
        assert page.total == 1


def test_of_a_back_end_that_does_not_understand_the_question_the_store_is_shown(
    server: ScriptedServer,
) -> None:
    lists(server)
    with render_context(
        factories.completed(), factories.failed(job_id="b"), base_url=server.address
    ) as ctx:
        page = finished_page(MonitorFilter(), ctx)
        assert (len(page.jobs), page.total, page.problem) == (2, 2, None)
        assert finished_page(MonitorFilter(text="x"), ctx).total == 0, "that it may know better"


def test_the_service_searches_for_the_text_and_for_the_errors_it_names(
    server: ScriptedServer,
) -> None:
    lists(server)
    server.on(COUNTS, reply({"failed": 3}))
    with render_context(factories.running(title="비어 있는"), base_url=server.address) as ctx:
        finished_page(FOUND, ctx)
        counted = counts_by_status(FOUND, ctx)
    for call in (LIST, COUNTS):
        (request,) = server.seen(call)
        assert request.every["q"] == ["비어", "empty_file"]
        assert request.query["userId"] == "kim"
        assert request.query["since"]
    assert counted[JobStatus.FAILED] == 3, "as the service counts_by_status"
    assert counted[JobStatus.RUNNING] == 1, "as the store knows"


def test_without_the_service_the_store_is_counted(server: ScriptedServer) -> None:
    server.on(COUNTS, rejection(503, "database_unavailable"))
    jobs = [factories.failed(), factories.failed(job_id="b", user_id="lee")]
    with render_context(*jobs, base_url=server.address) as ctx:
        assert counts_by_status(MonitorFilter(person="lee"), ctx)[JobStatus.FAILED] == 1
