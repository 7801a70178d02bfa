"""`/activity`: who did what, when, with which outcome."""

from dataclasses import replace
from functools import partial

import streamlit as st

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.activity.query import (
    ACTIONS,
    EXPORTED,
    PERIODS,
    ActivityQuery,
    Listing,
    all_entries,
    listing,
)
from etl_monitor.ui.activity.table import (
    ActivityView,
    action_text,
    spreadsheet_columns,
    spreadsheet_row,
)
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.spreadsheets import as_csv, as_xlsx
from etl_monitor.wire.activity import Outcome
from etl_monitor.wire.job import short_id

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def activity_section() -> None:
    t = session.translator()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("page-activity"), anchor=False)
        exports = st.container(horizontal=True, horizontal_alignment="right")
    query = _filters(ActivityQuery.of_address(st.query_params), t)
    view = _view(query, t)
    mount(view, key="etl-activity")
    if view.shown.entries:
        _paging(query, view.shown, t)
        with exports.popover(t("activity-export"), icon=":material/download:"):
            _exports(query, view.shown.total, t)


def _view(query: ActivityQuery, t: Translator) -> ActivityView:
    """Asked for in each full run of the page: whoever comes here sees what is."""
    ctx = session.render_context()
    shown, problem = Listing(), ""
    try:
        shown = listing(ctx.monitoring.client, query)
    except EtlMonitorError as error:
        problem = problem_text(error, t)
    milestone = ctx.snapshot.status_version
    return ActivityView(query=query, shown=shown, milestone=milestone, problem=problem)


def _filters(query: ActivityQuery, t: Translator) -> ActivityQuery:
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-activity-filters"):
        q = _search(query, t)
        action = _choice("action", list(ACTIONS), query.action, t)
        outcome = _choice("outcome", list(Outcome), query.outcome, t)
        period = _choice("period", list(PERIODS), query.period, t)
    chosen = replace(query, q=q, action=action, outcome=outcome, period=period)
    if chosen != query:  # another filter begins at its first page
        chosen = chosen.first_page
    _go(chosen)
    if query.job_id:
        text = t("activity-of-job", id=short_id(query.job_id))
        away = partial(_go, replace(chosen.first_page, job_id=""))
        st.button(text, icon=":material/close:", on_click=away, help=t("activity-all-jobs"))
    return chosen


def _search(query: ActivityQuery, t: Translator) -> str:
    text = st.text_input(
        t("activity-search"),
        value=query.q,
        type="search",
        max_chars=200,
        placeholder=t("activity-search-hint"),
        label_visibility="collapsed",
        key="etl-activity-q",
        live=True,
    )
    return (text or "").strip()


def _choice(name: str, options: list[str], chosen: str, t: Translator) -> str:
    return st.selectbox(
        t(f"activity-{name}"),
        options=["", *options],
        index=["", *options].index(chosen),
        format_func=lambda one: _option(name, one, t),
        label_visibility="collapsed",
        key=f"etl-activity-{name}",
        width=165,
    )


def _option(name: str, option: str, t: Translator) -> str:
    if not option:
        return t(f"activity-any-{name}")
    if name == "action":
        return action_text(option, t)
    return t(f"activity-{option}") if name == "outcome" else t(f"period-{option}")


def _go(query: ActivityQuery) -> None:
    """Into the address, so that a link shows the same."""
    for name, value in query.address().items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _paging(query: ActivityQuery, shown: Listing, t: Translator) -> None:
    first, last = shown.entries[0].id, shown.entries[-1].id
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("activity-total", n=shown.total))
        if not (shown.has_newer or shown.has_older):
            return
        st.button(
            t("page-newer"),
            icon=":material/chevron_left:",
            disabled=not shown.has_newer,
            on_click=partial(_go, replace(query, after=first, before=None)),
        )
        st.button(
            t("page-older"),
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=not shown.has_older,
            on_click=partial(_go, replace(query, before=last, after=None)),
        )


def _exports(query: ActivityQuery, total: int, t: Translator) -> None:
    if total > EXPORTED:
        told = t("activity-export-limit", n=EXPORTED, total=total)
        st.warning(told, icon=":material/filter_alt:")
    client = session.job_table().monitoring.client  # here: a download runs outside of the session
    for name, mime in (("csv", "text/csv"), ("xlsx", _XLSX)):
        st.download_button(
            t("activity-export-as", format=name.upper()),
            data=partial(_file, name, client, query, t),
            file_name=f"activity.{name}",
            mime=mime,
            icon=":material/download:",
            key=f"etl-activity-{name}",
            on_click="ignore",
        )


def _file(name: str, client: EtlClient, query: ActivityQuery, t: Translator) -> bytes:
    rows = (spreadsheet_row(entry, t) for entry in all_entries(client, query))
    columns = spreadsheet_columns(t)
    if name == "csv":
        return as_csv(columns, rows)
    return as_xlsx(columns, rows, sheet=t("page-activity"))
