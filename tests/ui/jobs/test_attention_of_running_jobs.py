"""Running jobs that need attention: late, silent, or not stopping."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.ui.jobs.attention import attention
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job
from tests.support import factories
from tests.support.app_page import data, run
from tests.support.factories import ago, ahead, render_context
from tests.support.followed_server import followed_server
from tests.support.scripted_server import ScriptedServer

FAR = ahead(hours=1)
LATE = factories.running(job_id="late", test_id="1", title="늦은 검사", eta_latest=ago(minutes=9))
SILENT = factories.running(
    job_id="silent", test_id="2", eta_latest=None, heartbeat_at=ago(minutes=8)
)
UNSTOPPABLE = factories.cancelling(job_id="unstoppable", test_id="3", cancel_deadline=ago(hours=1))
WELL = factories.running(job_id="well", test_id="4", eta_latest=FAR, heartbeat_at=FAR)
FAILED = factories.failed(job_id="failed", test_id="5", finished_at=ago(hours=2))


def reasons(*jobs: Job, language: str = "en") -> dict[str, str]:
    with render_context(*jobs, language=language) as ctx:
        return {item["jobId"]: item["reason"] for item in attention(ctx)["items"]}


def moments(*jobs: Job) -> dict[str, str | None]:
    with render_context(*jobs) as ctx:
        return {item["jobId"]: item["at"] for item in attention(ctx)["items"]}


def page() -> None:
    import etl_monitor as em

    em.progress_monitor()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    waiting = factories.pending(job_id="waiting")
    with followed_server(LATE, SILENT, UNSTOPPABLE, WELL, FAILED, waiting) as server:
        yield server


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_each_with_its_reason_and_a_way_to_it(
    server: ScriptedServer, language: str
) -> None:
    items = data(run(page, language=language), "monitor")["attention"]["items"]
    due = {item["jobId"]: item for item in items if item["jobId"] != "well"}
    assert due.keys() == {"late", "silent", "unstoppable", "failed"}
    assert items[-1]["jobId"] == "failed", "what can still be helped comes first"
    assert len({item["reason"] for item in due.values()}) == 4
    assert due["late"]["title"] == "늦은 검사"
    assert all("job=" in item["href"] for item in items)
    assert [item["jobId"] for item in items if item["mayMark"]] == ["failed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_three_reasons_differ_in_each_language(language: str) -> None:
    found = reasons(LATE, SILENT, UNSTOPPABLE, language=language)
    assert len(set(found.values())) == 3


def test_a_job_that_is_well_is_named_with_the_moment_from_which_it_would_not_be() -> None:
    """The browser shows it then, without news from the service."""
    well = factories.running(job_id="well", eta_latest=FAR, heartbeat_at=None)
    assert moments(well) == {"well": iso(FAR + timedelta(minutes=1))}


def test_the_reason_is_the_one_that_comes_first() -> None:
    both = factories.running(job_id="both", eta_latest=ago(minutes=5), heartbeat_at=ago(minutes=9))
    assert reasons(both) == {"both": "No progress reported for a while"}
    late = both.model_copy(update={"heartbeat_at": ago(seconds=1)})
    assert reasons(late) == {"both": "Takes longer than usual"}


def test_of_a_cancelling_job_only_its_deadline_counts() -> None:
    late = {"eta_latest": ago(hours=3), "heartbeat_at": ago(hours=3)}
    deadline = ahead(seconds=20)
    cancelling = factories.cancelling(job_id="c", cancel_deadline=deadline, **late)
    assert moments(cancelling) == {"c": iso(deadline)}
    assert reasons(factories.cancelling(cancel_deadline=None, **late)) == {}


def test_a_job_about_which_nothing_is_known_does_not_need_attention() -> None:
    assert reasons(factories.running(eta_latest=None, heartbeat_at=None)) == {}


def test_neither_waiting_nor_ended_jobs_are_late_or_silent() -> None:
    past = {"eta_latest": ago(hours=1), "heartbeat_at": ago(hours=1)}
    jobs = [
        factories.pending(job_id="p", test_id="p", **past),
        factories.completed(job_id="d", test_id="d", **past),
        factories.cancelled(job_id="x", test_id="x", **past),
    ]
    assert reasons(*jobs) == {}


def test_a_moment_is_by_the_portals_clock() -> None:
    """The service's times are by its own, which may be ahead."""
    with render_context(LATE) as ctx:
        offset = timedelta(minutes=10)
        connection = replace(ctx.snapshot.connection, clock_offset=offset)
        ahead_of_us = replace(ctx, snapshot=replace(ctx.snapshot, connection=connection))
        [item] = attention(ahead_of_us)["items"]
    assert LATE.eta_latest is not None
    assert item["at"] == iso(LATE.eta_latest + timedelta(minutes=1) - offset)


def test_a_back_end_without_positions_has_them_too() -> None:
    with render_context(LATE, SILENT, FAILED) as ctx:
        older = replace(ctx, snapshot=replace(ctx.snapshot, position=""))
        assert {item["jobId"] for item in attention(older)["items"]} == {"late", "silent"}


def test_of_many_running_jobs_those_come_first_whose_moment_does() -> None:
    jobs = [
        factories.running(job_id=f"{n}", eta_latest=ahead(minutes=n), heartbeat_at=None)
        for n in reversed(range(200))
    ]
    with render_context(*jobs) as ctx:
        shown = attention(ctx)
    assert [item["jobId"] for item in shown["items"]] == [str(n) for n in range(50)]
    assert shown["heading"] == "Needs attention ({n})"


def test_the_heading_says_that_more_are_due_than_are_listed() -> None:
    jobs = [factories.running(job_id=f"{n}", eta_latest=ago(hours=1)) for n in range(51)]
    with render_context(*jobs) as ctx:
        assert attention(ctx)["heading"] == "Needs attention ({n}+)"
    with render_context(*jobs[:49]) as ctx:
        assert attention(ctx)["heading"] == "Needs attention ({n})"


def test_of_many_failures_the_newest_are_listed() -> None:
    jobs = [
        factories.failed(job_id=f"{n}", test_id=f"{n}", finished_at=ago(minutes=n))
        for n in range(60)
    ]
    with render_context(*jobs) as ctx:
        shown = attention(ctx)
    assert [item["jobId"] for item in shown["items"]] == [str(n) for n in range(50)]
    assert shown["heading"] == "Needs attention ({n}+)"
