"""The rows of the results list."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.ui.results.labels import is_busy, job_of, title_of
from etl_monitor.ui.results.list_view import ResultsView
from etl_monitor.ui.results.query import ResultQuery, result_list
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import TestResult
from tests.support import factories
from tests.support.factories import ago, render_context, result
from tests.support.scripted_server import ScriptedServer, rejection, reply

CALL = "/tests/results"
KINDS = {"big_five_50": "성격 5요인"}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def rendered(
    server: ScriptedServer, *jobs: Job, language: str = "en", **query: Any
) -> dict[str, Any]:
    view = ResultsView(query=ResultQuery(**query), kinds=KINDS)
    with render_context(*jobs, language=language, base_url=server.address) as ctx:
        return dict(json.loads(json.dumps(dict(view.render(ctx)))))


def listing(server: ScriptedServer, *results: TestResult) -> None:
    server.on(CALL, reply([result.model_dump(mode="json", by_alias=True) for result in results]))


def row(server: ScriptedServer, of: TestResult, *jobs: Job, language: str = "en") -> dict[str, Any]:
    listing(server, of)
    (row,) = rendered(server, *jobs, language=language)["rows"]
    return dict(row)


def test_a_row_shows_title_kind_person_and_respondents(server: ScriptedServer) -> None:
    full = result(title="3월 공채", test_kind="big_five_50", respondents=1200, is_sample=True)
    english, korean = row(server, full), row(server, full, language="ko")
    assert english["title"] == "3월 공채"
    assert english["facts"] == ["성격 5요인", "kim", "sample"]
    assert english["counts"] == ["1,200 respondents"]
    assert korean["facts"] == ["성격 5요인", "kim", "예시"]
    assert korean["counts"] == ["응시자 1,200명"]
    assert english["reprocess"] == "Reprocess 3월 공채"
    assert korean["reprocess"] == "3월 공채 다시 채점"


@pytest.mark.parametrize(
    ("code", "text"),
    [("missing_columns", "Upload corrected file: 3월 공채"), ("worker_lost", None)],
)
def test_a_row_leads_to_the_repair_if_the_same_file_would_fail_again(
    server: ScriptedServer, code: str, text: str | None
) -> None:
    failed = factories.failed(error_code=code)
    shown = row(server, result(title="3월 공채", last_job=failed), failed)
    assert (shown["repair"] and shown["repair"]["text"]) == text
    assert (shown["job"]["retry"] is None) is (text is not None)


@pytest.mark.parametrize("is_scored", [True, False])
def test_a_row_shows_the_time_of_scoring_or_else_of_the_upload(
    server: ScriptedServer, is_scored: bool
) -> None:
    uploaded, scored = ago(days=2), ago(days=1)
    shown = row(server, result(created_at=uploaded, completed_at=scored if is_scored else None))
    assert shown["isScored"] is is_scored
    assert shown["at"] == iso(scored if is_scored else uploaded)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", ["completed", "processing", "failed"])
def test_a_row_of_a_back_end_without_our_fields(
    server: ScriptedServer, status: str, language: str
) -> None:
    shown = row(server, result(status=status, completed_at=None), language=language)
    assert shown["title"] == "kim #7"
    assert shown["facts"] == ["kim"]
    assert shown["job"] is None
    assert shown["statusText"] not in ("", status)
    assert shown["mayReprocess"] == (status != "processing")
    assert "None" not in json.dumps(shown)


def test_a_row_shows_the_newest_job_of_the_store(server: ScriptedServer) -> None:
    old = factories.failed(job_id="old", attempt=1)
    new = factories.running(job_id="new", attempt=2)
    shown = row(server, result(active_job=old), old, new)
    assert shown["job"]["id"] == "new"
    assert not shown["mayReprocess"]
    assert row(server, result(last_job=old))["job"]["id"] == "old", "from the list"


@pytest.mark.parametrize(
    ("job", "text"),
    [
        (factories.failed(), "last run failed"),
        (factories.original(JobStatus.CANCELLED), "last run cancelled"),
        (factories.completed(), ""),
    ],
)
@pytest.mark.parametrize("status", ["completed", "processing"])
def test_a_test_whose_scores_stand_is_completed_however_its_newest_run_ended(
    server: ScriptedServer, job: Job, text: str, status: str
) -> None:
    """Also while the list does not have the run's end."""
    shown = row(server, result(status=status, completed_at=ago(days=1), last_job=job), job)
    assert shown["lastRun"] == text
    assert (shown["statusText"] == "Completed") is bool(text or status == "completed")


def test_a_test_without_scores_has_failed(server: ScriptedServer) -> None:
    job = factories.failed()
    shown = row(server, result(status="failed", completed_at=None, last_job=job), job)
    assert (shown["lastRun"], shown["statusText"]) == ("", "Failed")


@pytest.mark.parametrize(
    ("job", "status", "busy"),
    [
        (factories.running(), "completed", True),
        (factories.pending(), "completed", True),
        (factories.completed(), "processing", False),
        (factories.failed(), "processing", False),
        (None, "processing", True),
        (None, "completed", False),
        (None, "failed", False),
    ],
)
def test_a_job_of_the_feed_is_newer_than_the_list(job: Job | None, status: str, busy: bool) -> None:
    assert is_busy(result(status=status), job) is busy


def test_a_job_that_the_store_has_dropped_is_taken_from_the_list() -> None:
    with render_context() as ctx:
        listed = result(last_job=factories.failed())
        assert job_of(listed, ctx.snapshot) == listed.last_job
        assert job_of(result(), ctx.snapshot) is None


def test_an_id_is_escaped_in_its_address(server: ScriptedServer) -> None:
    odd = row(server, result(id="a/b&lang=fr#x?"))
    assert odd["href"] == "result?id=a%2Fb%26lang%3Dfr%23x%3F&lang=en"
    assert odd["id"] == "a/b&lang=fr#x?"


def test_markup_in_a_title_stays_text(server: ScriptedServer) -> None:
    title = "<img src=x onerror=alert(1)>"
    assert title_of(result(title=title), Translator("en")) == title
    assert row(server, result(title=title))["title"] == title


def test_an_empty_list_gives_the_reason(server: ScriptedServer) -> None:
    listing(server)
    assert rendered(server)["emptyText"].startswith("No test results yet")
    assert rendered(server, text="x")["emptyText"].startswith("No test results match")


def test_a_failed_request_gives_the_reason(server: ScriptedServer) -> None:
    server.on(CALL, rejection(503, "database_unavailable"))
    payload = rendered(server, language="ko")
    assert payload["rows"] == []
    assert payload["problem"].startswith("서비스가 지금 데이터베이스를")


def test_a_list_without_the_feed_says_as_of_when_it_is(server: ScriptedServer) -> None:
    """Without the feed no event triggers a new request, and the rows would look current."""
    listing(server, result())
    view = ResultsView(query=ResultQuery(), kinds={})

    def problem(connection: Connection) -> str:
        with render_context(base_url=server.address, connection=connection) as ctx:
            return str(view.render(ctx)["problem"])

    received_at = datetime(2026, 3, 5, 6, 7, 8, tzinfo=UTC)
    live = Connection(state=ConnectionState.LIVE, last_received_at=received_at)
    assert problem(live) == ""
    assert problem(replace(live, state=ConnectionState.CONNECTING)) == ""
    lost = problem(replace(live, state=ConnectionState.RECONNECTING))
    assert lost.startswith("Not live: the list is as of Mar 5, 2026, 3:07:08")
    assert problem(Connection()).startswith("Not live: the list is as of"), "the time of the reply"


def test_the_list_is_requested_again_only_after_an_event(server: ScriptedServer) -> None:
    listing(server, result())
    view = ResultsView(query=ResultQuery(), kinds={})
    with render_context(factories.running(), base_url=server.address) as ctx:
        view.render(ctx)
        view.render(ctx)
        assert len(server.seen(CALL)) == 1
        view.render(factories.next_context(ctx, factories.completed()))
        assert len(server.seen(CALL)) == 2


def test_an_older_back_end_lists_everything_and_is_narrowed_and_paged_here(
    server: ScriptedServer,
) -> None:
    people = [("kim", "completed"), ("Lee", "failed"), ("lee", "completed")] + [("p", "failed")] * 9
    listing(
        server,
        *(result(id=str(n), user_id=person, status=s) for n, (person, s) in enumerate(people)),
    )

    def shown(**query: Any) -> list[str]:
        with render_context(base_url=server.address, position="") as ctx:
            return [result.id for result in result_list(ResultQuery(**query), ctx).results]

    assert shown(text="LEE") == ["1", "2"]
    assert shown(status="completed") == ["0", "2"]
    assert shown(text="lee", status="failed") == ["1"]
    assert shown(limit=5) == ["0", "1", "2", "3", "4"]
    assert shown(limit=5, offset=10) == ["10", "11"]


@pytest.mark.parametrize("has_button", [True, False])
@pytest.mark.parametrize("listed", [True, False])
def test_the_page_is_outdated_after_samples_came_or_went(
    server: ScriptedServer, has_button: bool, listed: bool
) -> None:
    """The button that removes the samples is around the list, not in it."""
    listing(server, result(is_sample=listed))
    view = ResultsView(query=ResultQuery(), kinds={}, has_samples=has_button)
    with render_context(factories.running(), base_url=server.address) as ctx:
        assert bool(view.outdated(ctx)) is (has_button is not listed)
