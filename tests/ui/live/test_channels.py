"""Live channels: one drawing for all who look at the same thing, and its changes."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.jobs.monitor import MonitorView
from etl_monitor.ui.jobs.status import JobView
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.live.drawings import Drawings
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import RenderContext, SessionState, View
from etl_monitor.wire.job import JobStatus
from etl_monitor.wire.roles import Right
from tests.support import factories
from tests.support.job_events import partial

JOB = factories.JOB


@pytest.fixture
def drawings() -> Drawings:
    return Drawings()


@pytest.fixture
def ctx() -> Iterator[RenderContext]:
    with factories.render_context(factories.running(progress=10)) as ctx:
        ctx.monitoring.store.replace([factories.running(progress=10)], "1")
        yield replace(ctx, snapshot=ctx.monitoring.snapshot())


def another(ctx: RenderContext, **changes: Any) -> RenderContext:
    """Return what another session renders with."""
    return replace(ctx, session=SessionState(jobs=JobTable(monitoring=ctx.monitoring)), **changes)


def attach(drawings: Drawings, view: View, ctx: RenderContext) -> Channel:
    drawings.attach("key", view, ctx, view.render(ctx))
    channel: Channel = ctx.session.channels["key"]
    return channel


def line(compact: bool = True) -> JobView:
    return JobView(job=factories.running(), compact=compact)


def test_equal_views_of_two_people_share_a_channel(drawings: Drawings, ctx: RenderContext) -> None:
    assert attach(drawings, line(), ctx) is attach(drawings, line(), another(ctx))


@pytest.mark.parametrize(
    "changes",
    [
        {"rights": frozenset({Right.SEE})},
        {"t": Translator("ko", "Asia/Seoul")},
        {"t": Translator("en", "Europe/Paris")},
    ],
)
def test_other_rights_languages_or_time_zones_do_not(
    drawings: Drawings, ctx: RenderContext, changes: Any
) -> None:
    assert attach(drawings, line(), ctx) is not attach(drawings, line(), another(ctx, **changes))


def test_other_choices_do_not(drawings: Drawings, ctx: RenderContext) -> None:
    view, other = MonitorView(job_filter=MonitorFilter()), another(ctx)
    other.session.jobs.monitor(view.prefix).statuses = frozenset({JobStatus.FAILED})
    assert attach(drawings, view, ctx) is not attach(drawings, view, other)


def test_people_with_different_open_jobs_share_their_monitor(
    drawings: Drawings, ctx: RenderContext
) -> None:
    view, other = MonitorView(job_filter=MonitorFilter()), another(ctx)
    other.session.jobs.toggle(JOB)
    assert attach(drawings, view, ctx) is attach(drawings, view, other)


def test_all_who_have_opened_a_job_share_its_details(
    drawings: Drawings, ctx: RenderContext
) -> None:
    views = (MonitorView(job_filter=MonitorFilter()), line(compact=False))
    ctx.session.jobs.toggle(JOB)
    other = another(ctx)
    other.session.jobs.toggle(JOB)
    other.session.jobs.toggle("another")
    first, second = (
        attach(drawings, view.inner_views(view.render(own), own)[JOB], own)
        for view, own in zip(views, (ctx, other), strict=True)
    )
    assert first is second


def test_later_choices_of_one_person_do_not_change_what_others_see(
    drawings: Drawings, ctx: RenderContext
) -> None:
    view = MonitorView(job_filter=MonitorFilter())
    channel = attach(drawings, view, ctx)
    before = channel.news(None, 10**6)
    ctx.session.jobs.monitor(view.prefix).active.turn("older")
    ctx.session.jobs.toggle(JOB)
    channel.draw(lambda _: ctx.snapshot)
    assert channel.news(None, 10**6) == before


class Scripted(View):
    """Draws what the test says."""

    name = "scripted"

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        if "fails" in self.data:
            raise ValueError
        return dict(self.data)

    def show(self, channel: Channel, ctx: RenderContext, **data: Any) -> None:
        self.data = data
        channel.draw(lambda _: ctx.snapshot)


@pytest.fixture
def view() -> Scripted:
    return Scripted()


@pytest.fixture
def channel(view: Scripted, ctx: RenderContext) -> Channel:
    numbers = itertools.count(1)
    return Channel(view, ctx, lambda: next(numbers))


def test_nothing_is_sent_while_nothing_changes(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    view.show(channel, ctx, a=1)
    assert channel.news(None, 1) == '{"whole":{"a":1}}'
    view.show(channel, ctx, a=1)
    assert (channel.number, channel.news(1, 9)) == (1, None)


def test_a_page_gets_the_changes_since_its_drawing_in_one_patch(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    for value in range(4):
        view.show(channel, ctx, a=value)
    assert channel.news(4, 4) is None
    assert channel.news(3, 4) == '{"patch":{"set":{"a":3}}}'
    assert channel.news(2, 4) == '{"patch":{"then":[{"set":{"a":2}},{"set":{"a":3}}]}}'


def test_a_page_that_is_too_far_behind_gets_the_whole(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    for value in range(100):
        view.show(channel, ctx, a=value)
    assert channel.news(40, 100) == '{"whole":{"a":99}}'
    assert channel.news(60, 100).startswith('{"patch":{"then":')  # type: ignore[union-attr]


def test_what_is_ahead_of_the_other_views_is_not_sent_yet(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    for value in range(3):
        view.show(channel, ctx, a=value)
    assert channel.news(None, 2) is None
    assert channel.news(1, 2) == '{"patch":{"set":{"a":1}}}'


def test_what_is_for_one_person_is_in_no_channel(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    view.show(channel, ctx, a=1, startedJobs=["x"], bulkActions=3)
    assert channel.news(None, 9) == '{"whole":{"a":1}}'


def test_an_older_drawing_of_a_page_is_not_taken(
    view: Scripted, channel: Channel, ctx: RenderContext
) -> None:
    ctx.monitoring.store.apply(partial(JOB, progress=11))
    view.show(channel, replace(ctx, snapshot=ctx.monitoring.snapshot()), a=2)
    assert channel.adopt(ctx, {"a": 1}) is None
    assert channel.news(None, 9) == '{"whole":{"a":2}}'


def test_a_view_that_fails_shows_its_last_drawing(
    view: Scripted, channel: Channel, ctx: RenderContext, caplog: pytest.LogCaptureFixture
) -> None:
    view.show(channel, ctx, a=1)
    view.show(channel, ctx, fails=True)
    assert channel.news(None, 9) == '{"whole":{"a":1}}'
    assert [record.message for record in caplog.records] == ["live_drawing_failed"]
