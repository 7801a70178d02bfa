"""Finished jobs as the service lists and counts them."""

from collections.abc import Iterator

import pytest

from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.finished import counts_by_status, finished_page
from etl_monitor.wire.job import Job, JobStatus
from tests.support import factories
from tests.support.factories import ago, render_context
from tests.support.scripted_server import ScriptedServer, rejection, reply

LIST, COUNTS = "/etl/jobs", "/etl/jobs/counts"
QUERY = MonitorFilter(text="비어", errors=("empty_file",), person="kim", period="24h")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def serve_list(server: ScriptedServer, *jobs: Job) -> None:
    listed = [job.model_dump(mode="json", by_alias=True) for job in jobs]
    server.on(LIST, reply(listed, x_total_count=str(len(listed))))


def test_every_job_that_the_service_lists_is_shown(server: ScriptedServer) -> None:
    job = factories.completed(title="unrelated", created_at=ago(days=2))
    serve_list(server, job)
    with render_context(base_url=server.address) as ctx:
        page = finished_page(QUERY, ctx)
        assert [job.job_id for job in page.jobs] == [job.job_id]
        assert page.total == 1


def test_the_store_is_shown_if_the_back_end_ignores_the_query(
    server: ScriptedServer,
) -> None:
    serve_list(server)
    with render_context(
        factories.completed(), factories.failed(job_id="b"), base_url=server.address
    ) as ctx:
        page = finished_page(MonitorFilter(), ctx)
        assert (len(page.jobs), page.total, page.problem) == (2, 2, None)
        assert finished_page(MonitorFilter(text="x"), ctx).total == 0, "the store can filter"


def test_the_service_searches_for_the_text_and_for_the_errors_it_names(
    server: ScriptedServer,
) -> None:
    serve_list(server)
    server.on(COUNTS, reply({"failed": 3}))
    with render_context(factories.running(title="비어 있는"), base_url=server.address) as ctx:
        finished_page(QUERY, ctx)
        counted = counts_by_status(QUERY, ctx)
    for call in (LIST, COUNTS):
        (request,) = server.seen(call)
        assert request.every["q"] == ["비어", "empty_file"]
        assert request.query["userId"] == "kim"
        assert request.query["since"]
    assert counted[JobStatus.FAILED] == 3, "as the service counts"
    assert counted[JobStatus.RUNNING] == 1, "as in the store"


def test_without_the_service_the_store_is_counted(server: ScriptedServer) -> None:
    server.on(COUNTS, rejection(503, "database_unavailable"))
    jobs = [factories.failed(), factories.failed(job_id="b", user_id="lee")]
    with render_context(*jobs, base_url=server.address) as ctx:
        assert counts_by_status(MonitorFilter(person="lee"), ctx)[JobStatus.FAILED] == 1
