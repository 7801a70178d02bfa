"""`/activity`: who did what, when, with which outcome."""

import streamlit as st

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.spreadsheets import MIME
from etl_monitor.ui.activity.export import export_path
from etl_monitor.ui.activity.filter_bar import filter_bar, show_newer_than, show_older_than
from etl_monitor.ui.activity.query import (
    EXPORT_LIMIT,
    ActivityQuery,
    LogPage,
)
from etl_monitor.ui.activity.table import (
    ActivityView,
    current_page,
)
from etl_monitor.ui.downloads.buttons import download_buttons
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.plain import page_title

_EXPORTS = "etl-activity-export"


def activity_section() -> None:
    t = session.translator()
    with st.container(horizontal=True, vertical_alignment="center"):
        page_title(t("page-activity"))
        exports = st.container(horizontal=True, horizontal_alignment="right")
    query = filter_bar(t)
    view = _view(query, t)
    if view.page.total > EXPORT_LIMIT:
        st.caption(t("activity-export-limit", n=EXPORT_LIMIT, total=view.page.total))
    mount(view, key="etl-activity")
    if view.page.entries:
        _pager(view.page, t)
        with exports:
            files = {name: export_path(query, name) for name in MIME}
            download_buttons(_EXPORTS, files, t, what=t("activity-export"))


def _view(query: ActivityQuery, t: Translator) -> ActivityView:
    """Each full run requests the page anew, so that a visitor sees the current log."""
    ctx = session.render_context()
    page, problem = LogPage(), ""
    try:
        page = current_page(query, ctx)
    except EtlMonitorError as error:
        problem = problem_text(error, t)
    version = ctx.snapshot.status_version
    return ActivityView(query=query, page=page, status_version=version, problem=problem)


def _pager(page: LogPage, t: Translator) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("activity-total", n=page.total))
        if not (page.has_newer or page.has_older):
            return
        st.button(
            t("page-newer"),
            icon=":material/chevron_left:",
            disabled=not page.has_newer,
            on_click=show_newer_than,
            args=(page.entries[0].id,),
        )
        st.button(
            t("page-older"),
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=not page.has_older,
            on_click=show_older_than,
            args=(page.entries[-1].id,),
        )
