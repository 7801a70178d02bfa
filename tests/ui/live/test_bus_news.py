"""What the bus sends of a view: what the page may lack, and no more."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from etl_monitor.ui.live import bus_news
from etl_monitor.ui.live.bus_news import Sent
from etl_monitor.ui.live.channel import Channel
from etl_monitor.ui.live.drawings import Drawings
from etl_monitor.ui.session.view import RenderContext, View
from tests.support import factories
from tests.support.job_events import partial


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


@pytest.fixture
def ctx() -> Iterator[RenderContext]:
    with factories.render_context(factories.running(progress=10)) as ctx:
        ctx.monitoring.store.replace([factories.running(progress=10)], "1")
        yield replace(ctx, snapshot=ctx.monitoring.snapshot())


class Counter(View):
    """Says how many times it was rendered."""

    name = "counter"

    def __init__(self) -> None:
        self.renderings = 0
        self.redraw: Callable[[], None] = lambda: None

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        self.renderings += 1
        self.redraw = ctx.redraw
        return {"n": self.renderings, "own": 1}

    def identity(self) -> int:
        return id(self)


class Viewed:
    """A channel, and what a page was sent of it."""

    def __init__(self, ctx: RenderContext) -> None:
        numbers = itertools.count(1)
        self.channel = Channel(Counter(), ctx, lambda: next(numbers))
        self._snapshot = ctx.snapshot
        self.draw()
        self.sent = Sent(1, self.channel.number)

    def draw(self) -> None:
        self.channel.draw(lambda _: self._snapshot)

    def news(self) -> dict[str, Any]:
        return {**bus_news.news(self.channel, self.sent, {})}

    def changes(self) -> list[int]:
        """Return to which drawings the changes of a frame lead."""
        return [number for number, _ in self.news()["changes"]]


def test_a_frame_has_the_changes_since_the_mount(clock: Clock, ctx: RenderContext) -> None:
    viewed = Viewed(ctx)
    viewed.draw()
    assert viewed.news() == {
        "mounting": 1,
        "drawing": 2,
        "personal": {},
        "base": 1,
        "changes": [(2, {"set": {"n": 2}})],
    }


def test_changes_are_repeated_for_two_seconds(clock: Clock, ctx: RenderContext) -> None:
    viewed = Viewed(ctx)
    clock.now += 10
    viewed.draw()
    assert viewed.changes() == [2]
    clock.now += 1
    viewed.draw()
    assert viewed.changes() == [2, 3]
    clock.now += 1.5
    assert viewed.changes() == [3]
    clock.now += 2
    assert viewed.news()["base"] == 3
    assert viewed.changes() == []


def test_a_page_gets_the_whole_on_request_and_goes_on_from_it(
    clock: Clock, ctx: RenderContext
) -> None:
    viewed = Viewed(ctx)
    viewed.sent.clear()
    assert viewed.news()["whole"] == {"n": 1, "own": 1}
    viewed.draw()
    assert viewed.changes() == [2]


def test_a_page_whose_mount_was_behind_the_channel_gets_the_whole(
    clock: Clock, ctx: RenderContext
) -> None:
    viewed = Viewed(ctx)
    viewed.sent = Sent(2)
    found = viewed.news()
    assert (found["mounting"], found["drawing"]) == (2, 1)
    assert "whole" in found
    assert "base" not in found


def test_too_many_changes_become_the_whole(clock: Clock, ctx: RenderContext) -> None:
    viewed = Viewed(ctx)
    for _ in range(60):
        viewed.draw()
    assert viewed.news()["whole"]["n"] == 61


def mounted(drawings: Drawings, view: View, ctx: RenderContext) -> Channel:
    drawings.attach("key", view, ctx, view.render(ctx))
    channel: Channel = ctx.session.channels["key"]
    return channel


def draw(drawings: Drawings, channel: Channel) -> None:
    with drawings.pass_of([channel], max_age=0.5):
        pass


def test_pages_share_a_drawing_of_the_same_version(clock: Clock, ctx: RenderContext) -> None:
    drawings, view = Drawings(), Counter()
    channel = mounted(drawings, view, ctx)
    for _ in range(5):
        draw(drawings, channel)
    assert view.renderings == 2, "by the full run, and by the first of these"
    ctx.monitoring.store.apply(partial(factories.JOB, progress=11))
    draw(drawings, channel)
    assert view.renderings == 3
    clock.now += 0.6
    draw(drawings, channel)
    assert view.renderings == 4, "what depends on the time"


def test_a_reply_is_rendered_at_once(clock: Clock, ctx: RenderContext) -> None:
    drawings, view = Drawings(), Counter()
    channel = mounted(drawings, view, ctx)
    draw(drawings, channel)
    view.redraw()
    draw(drawings, channel)
    assert view.renderings == 3
