"""The one component that everything live is drawn with, and how news reach it.

A page *mounts* views (a results list, a monitor, one job's status), outside of any fragment. One
invisible *bus*, a keyed fragment, carries the data of all of them: it alone is rerun by a push, and
its script hands each view its new data. So a page has one live fragment however much it shows, all
of it shows one version, and dialogs, inputs and other people's widgets are never touched by news.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Self

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.portal import paint_reports, push
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session import view
from etl_monitor.ui.widgets.markdown import escape_markdown
from etl_monitor.wire.base import iso
from etl_monitor.wire.roles import Right

_ASSETS = Path(__file__).parents[1] / "assets"
_BUS = "etl-monitor-bus"
_POLLS_EVERY = timedelta(seconds=1)
# Whoever is pushed to asks nearly never. But a browser that lost the server asks for its page, once
# it is back, only where it has something to ask for by itself, and there may be no news meanwhile.
_COMES_BACK = timedelta(days=1)
_SCRIPTS = (
    "text.js",
    "line.js",
    "focus.js",
    "way.js",
    "calm.js",
    "keys.js",
    "selection.js",
    "job.js",
    "monitor.js",
    "results.js",
    "badge.js",
    "table.js",
    "note.js",
    "drawn.js",
    "main.js",
)
_STYLES = ("etl-monitor.css", "table.css")


@dataclass(frozen=True, kw_only=True)
class ViewAction:
    """What a person asked for in a view: `kind` (cancel, retry, …) of the thing with this `id`."""

    kind: str
    id: str = ""

    @classmethod
    def parse(cls, told: Any) -> Self | None:
        """None where nothing was asked. What a browser sends is not believed to be well formed."""
        if not isinstance(told, Mapping) or not isinstance(told.get("kind"), str):
            return None
        return cls(kind=told["kind"], id=str(told.get("id", "")))


def mount(
    view: view.View, *, key: str, before: Callable[[ViewAction], None] | None = None
) -> ViewAction | None:
    """Draw `view` here and keep it live, for who may see it. Returns what the person asked for in
    it, once.

    `before` gets the same action before the page is drawn: for what changes how it is drawn.
    """
    if not session.may(Right.SEE):
        return None
    begin_run()
    key = session.state().add_view(key, view)
    ctx = session.render_context()
    result = _renderer()(
        key=key,
        data=_frame(ctx) | {"mount": key, "view": view.name, "data": dict(view.render(ctx))},
        on_action_change=lambda: _tell(before, key),
    )
    return ViewAction.parse(result.get("action"))


def show_notices() -> None:
    """Toasts for what this person just asked for."""
    for notice in session.notices():
        st.toast(escape_markdown(notice))


def begin_run() -> None:
    """Once in each full run: what waited to be said, and the bus. The first mount does it; a page
    that lays its elements out side by side calls it before, so that the bus is none of them."""
    if not session.state().is_new_run():
        return
    show_notices()
    pushed = push.current() is not None
    st.fragment(_carry, key=_BUS, run_every=_COMES_BACK if pushed else _POLLS_EVERY)()


def _carry() -> None:
    """The bus. It asks for the next news first: some may come while it draws."""
    if not session.may(Right.SEE):
        _stop_carrying()
        return
    pushed, target = push.current(), push.current_target(_BUS)
    if pushed is not None and target is not None:
        pushed.show(target)
    ctx = session.render_context()
    current = ctx.session
    views = current.views_to_update()
    outdated = [key for key, view in current.views.items() if view.is_outdated(ctx)]
    updates = {key: dict(view.render(ctx)) for key, view in views.items()}
    number = current.record_sending(ctx)
    # What a full run tells comes before what it draws.
    order = {} if push.current_run() is None else {"run": current.run_number - 0.5}
    _renderer()(
        key=_BUS,
        data=_frame(ctx)
        | order
        # The browser asks for the full run: it knows whether a question is open, which would close.
        | {"updates": updates, "outdated": outdated}
        | {"rendering": number if views else None, "paintReportUrl": paint_reports.address()},
    )


def _stop_carrying() -> None:
    """The sign-in ran out since the page was drawn: no more news, but the page that asks for it."""
    if push.current_run() is None and session.state().views:
        st.rerun()


def _tell(before: Callable[[ViewAction], None] | None, key: str) -> None:
    action = ViewAction.parse(session.component_value(key))
    if before is not None and action is not None:
        before(action)


def _frame(ctx: view.RenderContext) -> dict[str, Any]:
    """What orders two drawings of one view: the full run that it belongs to, then the version.
    Another table than before: the session is new, after a restart or a long sleep."""
    return {
        "session": ctx.session.id,
        "run": ctx.session.run_number,
        "version": ctx.snapshot.version,
        "language": ctx.t.language,
        "now": iso(datetime.now(UTC)),
        "justNow": ctx.t("just-now"),
        "actedAt": iso(ctx.session.acted_at) if ctx.session.acted_at else None,
    }


@cache
def _renderer() -> ComponentRenderer:
    """Scripts are fixed files of ours; what people typed goes in as data and is drawn as text."""
    return st.components.v2.component(
        "etl_monitor",
        js=_script(),
        css="\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in _STYLES),
        isolate_styles=False,  # the marks (data-job-id, …) are for style sheets and scripts too
    )


def _script() -> str:
    """One ES module of ours after the library that it draws with (htm + preact, vendored)."""
    library = (_ASSETS / "vendor" / "htm-preact.js").read_text(encoding="utf-8")
    own = "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return f"const library = {{}};\n(function () {{\n{library}\n}}).call(library);\n{own}"
