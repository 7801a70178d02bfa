"""The component that draws every live view, and the bus that updates them.

A page *mounts* views (a results list, a monitor, one job's status), outside of any fragment. One
invisible *bus*, a keyed fragment, carries the data of all of them: a push reruns it alone, and its
script hands each view what has changed. So a page has one live fragment however many views it has,
all of them show one version, and an update never touches dialogs, inputs and other people's
widgets.

The bus carries the patches of the same channels as the live socket, and takes its place where a
page has none. It never waits for the service: it draws what is cached (`live/query_cache.py`) and
is rerun when a reply arrives.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any, Self

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.markdown import escape_markdown
from etl_monitor.portal import addresses, paint_reports, push, script_run
from etl_monitor.ui.live import bus_news, drawings, hub
from etl_monitor.ui.live.payloads import BusFrame, BusNews, Frame, InnerFrame, Live, NoticesFrame
from etl_monitor.ui.live.query_cache import NotReady
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.view import BUS, RenderContext, View
from etl_monitor.ui.widgets.component import component
from etl_monitor.ui.widgets.scripts import script, style, with_style
from etl_monitor.wire.base import iso
from etl_monitor.wire.roles import Right

_POLL_INTERVAL = timedelta(seconds=1)
# The bus and the notices take no place, also before the script is there. In one line, it would be
# the name of a file to Streamlit.
_HIDDEN = f'[class*="st-key-{BUS}"] {{\n display: none; }}'
# A browser that lost the server reruns its page on reconnecting only if a fragment of it runs by
# itself. Pages that are pushed to need no other reruns, so theirs are rare.
_RECONNECT_INTERVAL = timedelta(days=1)
_MAX_AGE = 0.5  # seconds for which pages share a drawing of the same version


@dataclass(frozen=True, kw_only=True)
class ViewAction:
    """What a person did in a view: `kind` (cancel, retry, …) for the thing with this `id`, and what
    they wrote, such as a reason."""

    kind: str
    id: str = ""
    text: str = ""

    @classmethod
    def parse(cls, value: Any) -> Self | None:
        """Parse what a browser sent, which may be anything. None if it is no action."""
        if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
            return None
        return cls(kind=value["kind"], id=str(value.get("id", "")), text=str(value.get("text", "")))


def mount(
    view: View, *, key: str, before: Callable[[ViewAction], None] | None = None
) -> ViewAction | None:
    """Draw `view` here and keep it live, if the person may see it. Returns what the person did in
    it, once.

    `before` is called with the same action before the page runs: for what changes how it is drawn.
    """
    if not session.may(Right.SEE):
        return None
    begin_run()
    key = session.state().add_view(key, view)
    ctx = _context()
    own = _frame_of_view(key, view, ctx)
    frame = {**_frame(ctx), "view": view.name, **own, **_live(ctx)}
    inner = {
        row: _frame_of_view(ctx.session.add_inner_view(key, row, part), part, ctx)
        for row, part in view.inner_views(own["data"], ctx).items()
    }
    result = _renderer()(
        key=key,
        data={**frame, "inner": inner} if inner else frame,
        on_action_change=lambda: _call_before_run(before, key),
    )
    return ViewAction.parse(result.get("action"))


def show_notices() -> None:
    """Show the waiting notices: as toasts, or on another app's page, whose toasts are its own,
    within the part that the person used."""
    notices = session.notices()
    if addresses.has_pages():
        for notice in notices:
            st.toast(escape_markdown(notice))
    elif notices:
        session.state().notices += 1
        number = session.state().notices
        frame: NoticesFrame = {**_frame(_context()), "notices": notices, "number": number}
        _renderer()(key=f"{BUS}-notices-{number}", data={**frame})  # hidden, as the bus


def begin_run() -> None:
    """Draw the notices and the bus, once in each full run. The first mount does it. A page that
    lays out its elements side by side calls it before, so that the bus is none of them."""
    current = session.state()
    if current.is_new_run():
        show_notices()
    if current.needs_bus():
        _draw_bus(script_run.current_fragment())


def _frame_of_view(key: str, view: View, ctx: RenderContext) -> InnerFrame:
    """Draw the view, and let it take part in its channel. Returns what the page needs to show and
    to follow it."""
    current, data = ctx.session, dict(view.render(ctx))
    drawing = drawings.current().attach(key, view, ctx, data)
    current.mountings += 1
    current.sent[key] = bus_news.Sent(current.mountings, drawing)
    return {"mount": key, "data": data, "mounting": current.mountings, "drawing": drawing}


def _live(ctx: RenderContext) -> Mapping[str, Live]:
    """Return where the page finds the live socket, if there is one."""
    sockets = hub.current() if addresses.live() else None
    if sockets is None:
        return {}
    sockets.admit(ctx.session)
    ctx.session.page_session = push.current_session()
    return {"live": {"path": addresses.LIVE, "session": ctx.session.id}}


def _draw_bus(fragment: str) -> None:
    """Draw the page's bus, or that of a `fragment` (or dialog) on a page that has no other view.
    Only the page's is pushed to: a dialog that is closed must not take the updates with it."""
    is_pushed = push.current() is not None and not fragment
    key = f"{BUS}-{fragment}" if fragment else BUS

    def bus() -> None:
        _bus(key)

    st.fragment(bus, key=key, run_every=_RECONNECT_INTERVAL if is_pushed else _POLL_INTERVAL)()


def _bus(bus_key: str) -> None:
    """The bus fragment. It subscribes before it renders, so that no change is missed meanwhile."""
    if not session.may(Right.SEE):
        _end_updates()
        return
    updates = push.current() if bus_key == BUS else None
    target = push.current_target(BUS) if updates is not None else None
    if updates is not None and target is not None:
        updates.show(target)
        updates.follow(session.job_table().monitoring.store)
    ctx = _context()
    frame = _frame_of_news(ctx) if push.current_run() is None else _frame_of_run(ctx)
    _renderer()(key=bus_key, data={**frame}, on_resync_change=_send_wholes)


def _frame_of_news(ctx: RenderContext) -> BusFrame:
    """Return what is new of the mounted views, all of one version."""
    current = ctx.session
    with drawings.current().pass_of(current.channels.values(), max_age=_MAX_AGE) as made:
        snapshot = made.snapshots.get(current.monitoring, ctx.snapshot)
        updates = {
            key: bus_news.news(channel, current.sent[key], current.views[key].personal(current))
            for key, channel in current.channels.items()
        }
        outdated = {key: c.outdated for key, c in current.channels.items() if c.outdated}
    return _bus_frame(replace(ctx, snapshot=snapshot), updates, outdated)


def _frame_of_run(ctx: RenderContext) -> BusFrame:
    """Return the previous run's views, as a full run draws them.

    It draws all views with one snapshot, one after another. The bus updates those of the previous
    run with it first, so that no page shows two versions. It does so even if they have this
    version: what the browser has not fetched is discarded when a run begins.
    """
    updates = {key: bus_news.whole(data) for key, data in _rendered(ctx)}
    frame = _bus_frame(ctx, updates, {})
    return {**frame, "run": ctx.session.run_number - 0.5}


def _bus_frame(
    ctx: RenderContext, updates: Mapping[str, BusNews], outdated: Mapping[str, str]
) -> BusFrame:
    number = ctx.session.record_sending(ctx.snapshot.version)
    return {
        **_frame(ctx),
        "updates": updates,
        # The browser requests the full run, because it knows whether a dialog is open, which
        # the run would close.
        "outdated": outdated,
        "rendering": number if updates else None,
        "paintReportUrl": paint_reports.address(),
    }


def _send_wholes() -> None:
    """Send all views as wholes again: the page has missed too much."""
    for sent in session.state().sent.values():
        sent.clear()


def _context() -> RenderContext:
    """Return the context of this rendering. Only a full run may wait for the service; the bus is
    redrawn when a reply arrives."""
    updates = push.current()
    target = push.current_target(BUS) if script_run.has_fragment(BUS) else None
    ctx = replace(session.render_context(), may_wait=push.current_run() is not None)
    if updates is None or target is None:
        return ctx
    return replace(ctx, redraw=partial(updates.redraw, target.session_id))


def _rendered(ctx: RenderContext) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Draw the previous run's views. The browser keeps what it shows of a view whose data is on its
    way."""
    for key, view in ctx.session.previous_views.items():
        with suppress(NotReady):
            yield key, dict(view.render(ctx))


def _end_updates() -> None:
    """Rerun the page once the sign-in has expired: it then asks to sign in again."""
    if push.current_run() is None and session.state().views:
        st.rerun()


def _call_before_run(before: Callable[[ViewAction], None] | None, key: str) -> None:
    action = ViewAction.parse(session.component_value(key))
    if before is not None and action is not None:
        before(action)


def _frame(ctx: RenderContext) -> Frame:
    return {
        "session": ctx.session.id,
        "run": ctx.session.run_number,
        "version": ctx.snapshot.version,
        "language": ctx.t.language,
        "now": iso(datetime.now(UTC)),
        "justNow": ctx.t("just-now"),
        "actedAt": iso(ctx.session.acted_at) if ctx.session.acted_at else None,
    }


def _renderer() -> ComponentRenderer:
    # Not isolated: the marks (data-job-id, …) are for style sheets and scripts too.
    return component("views", js=_script(), css=_HIDDEN, isolate_styles=False)


@cache
def _script() -> str:
    return with_style(script("main.js"), style("shared.css", "etl-monitor.css", "table.css"))
