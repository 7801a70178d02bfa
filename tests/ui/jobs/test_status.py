"""One job by its id, also if the store or the service does not have it."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from etl_monitor.portal import addresses
from etl_monitor.ui.jobs import lookup
from etl_monitor.ui.jobs.status import JobView
from etl_monitor.wire.job import Job, JobStatus
from tests.support import factories
from tests.support.app_page import data, rerun, run
from tests.support.factories import JOB, next_context, render_context
from tests.support.followed_server import followed_server
from tests.support.scripted_server import ScriptedServer, rejection, reply

CALL = f"/etl/jobs/{JOB}"
UNKNOWN = {"job": None, "emptyText": "There is no information about job 4f2a9c11."}


def page() -> None:
    import etl_monitor as em

    em.job_status("4f2a9c11-0000-4000-8000-00000000000a")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A followed service whose list has no jobs."""
    with followed_server() as server:
        yield server


def serve_job(server: ScriptedServer, job: Job) -> None:
    server.on(CALL, reply(job.model_dump(mode="json", by_alias=True)))


def shown(app: AppTest) -> dict[str, Any]:
    payload = data(app, "job")
    return {name: payload[name] for name in ("job", "emptyText") if name in payload}


def test_a_job_outside_the_store_is_requested(server: ScriptedServer) -> None:
    serve_job(server, factories.failed())
    app = run(page)
    row = shown(app)["job"]
    assert (row["statusText"], row["cancel"]) == ("Failed", None)
    rerun(app)
    rerun(app)
    assert len(server.seen(CALL)) == 1, "a finished job does not change"


def test_an_unknown_job_has_no_state_and_no_buttons(server: ScriptedServer) -> None:
    server.on(CALL, rejection(404, "job_not_found"))
    app = run(page)
    assert shown(app) == UNKNOWN
    assert not app.toast
    assert shown(rerun(app)) == UNKNOWN
    assert len(server.seen(CALL)) <= 2, "not with every run"


def test_a_service_that_does_not_answer_breaks_no_page(server: ScriptedServer) -> None:
    server.on(CALL, rejection(503, "database_unavailable"))
    assert shown(run(page)) == UNKNOWN


def test_an_unknown_job_appears_with_its_first_event() -> None:
    view = JobView(job=Job(job_id=JOB), compact=True, is_known=False)
    with render_context() as ctx:
        assert view.render(ctx)["job"] is None
        later = view.render(next_context(ctx, factories.running()))
        assert later["job"] is not None
        assert later["job"]["statusText"] == "Running"


def test_an_unknown_job_is_requested_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer() as server, render_context(base_url=server.address) as ctx:
        server.on(CALL, rejection(404, "job_not_found"))
        assert lookup.find_job(JOB, ctx) is None
        serve_job(server, factories.original(JobStatus.RUNNING))
        monkeypatch.setattr(lookup, "_MAX_AGE", 0)  # expired
        job = lookup.find_job(JOB, ctx)
        assert job is not None
        assert job.status is JobStatus.RUNNING


@pytest.mark.parametrize(("code", "is_repaired"), [("missing_columns", True), ("too_bad", False)])
def test_a_job_on_its_own_leads_to_the_repair_of_its_file(
    code: str, is_repaired: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the monitor's lists, if the same file would fail again."""
    monkeypatch.setattr(addresses, "_has_pages", True)
    job = factories.failed(job_id=JOB, test_id="t", error_code=code)
    with render_context(job, language="en") as ctx:
        card: Any = JobView(job=job, compact=False).render(ctx)["job"]
    link = {"text": "Upload corrected file", "href": "result?id=t&lang=en"}
    assert card["repair"] == (link if is_repaired else None)
