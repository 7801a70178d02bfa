"""What needs attention: unseen failures of today, and running jobs that are late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from etl_monitor.i18n.translator import LANGUAGES
from etl_monitor.ui.jobs.attention import attention
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job
from etl_monitor.wire.roles import Role, rights
from tests.support import factories
from tests.support.factories import ago, render_context


def needing(*jobs: Job, **changes: Any) -> dict[str, str]:
    with render_context(*jobs) as ctx:
        return {i["jobId"]: i["reason"] for i in attention(positioned(ctx, **changes))["items"]}


def positioned(ctx: RenderContext, **changes: Any) -> RenderContext:
    """Return the context of a service that numbers its events, as ours does."""
    return replace(ctx, snapshot=replace(ctx.snapshot, position="7"), **changes)


def test_an_unseen_failure_of_today_needs_attention() -> None:
    failures = [
        factories.failed(job_id="new", test_id="1"),
        factories.failed(job_id="seen", test_id="2", seen_at=ago(seconds=9)),
        factories.failed(job_id="old", test_id="3", finished_at=ago(hours=25)),
        factories.completed(job_id="fine", test_id="4"),
    ]
    assert list(needing(*failures)) == ["new"]


def test_a_failure_is_over_once_its_test_has_a_newer_job() -> None:
    failure = factories.failed(job_id="first", test_id="1", created_at=ago(minutes=9))
    again = factories.pending(job_id="again", test_id="1", created_at=ago(minutes=1))
    assert needing(failure, again) == {}


def test_one_failure_in_a_queue_of_two_hundred_comes_first() -> None:
    waiting = [factories.pending(job_id=f"w{n}", test_id=f"w{n}") for n in range(200)]
    with render_context(*waiting, factories.failed(job_id="broken", test_id="1")) as ctx:
        data = MonitorView(job_filter=MonitorFilter()).render(positioned(ctx))
    assert [item["jobId"] for item in data["attention"]["items"]] == ["broken"]
    assert next(iter(data)) == "loaded"


MOMENT = ago(minutes=3)


@pytest.mark.parametrize(
    ("fields", "delay", "reason"),
    [
        ({"eta_latest": MOMENT}, 60, "Takes longer than usual"),
        ({"eta_latest": None, "heartbeat_at": MOMENT}, 30, "No progress reported for a while"),
        ({"cancel_requested_at": MOMENT, "cancel_deadline": MOMENT}, 0, "Has not stopped since"),
    ],
)
def test_a_running_job_needs_attention_from_a_moment_on(
    fields: dict[str, Any], delay: int, reason: str
) -> None:
    with render_context(factories.running(**fields)) as ctx:
        [item] = attention(ctx)["items"]
    assert item["reason"].startswith(reason)
    assert item["at"] == iso(MOMENT + timedelta(seconds=delay)), "the browser shows it then"
    assert item["mayMark"] is False, "only a failure is marked as seen"


def test_who_may_mark_a_failure_as_seen() -> None:
    failure = factories.failed(job_id="a", test_id="1")
    for role, may in ((Role.VIEWER, False), (Role.OPERATOR, True)):
        with render_context(failure) as ctx:
            [item] = attention(positioned(ctx, rights=rights(role)))["items"]
        assert item["mayMark"] is may


def test_a_back_end_that_records_nothing_has_no_failures_to_mark() -> None:
    with render_context(factories.failed()) as ctx:
        assert attention(replace(ctx, snapshot=replace(ctx.snapshot, position="")))["items"] == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_why_in_the_readers_language(language: str) -> None:
    with render_context(factories.failed(), language=language) as ctx:
        data = attention(positioned(ctx))
    assert data["items"][0]["reason"]
    assert "{n}" in data["heading"]
