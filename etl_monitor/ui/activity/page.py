"""`/activity`: who did what, when, with which outcome."""

from dataclasses import replace
from functools import partial

import streamlit as st

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n import Texts
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
from etl_monitor.ui.jobs.row import short_id
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.spreadsheets import as_csv, as_xlsx
from etl_monitor.wire.activity import Outcome

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def activity_section() -> None:
    words = session.texts()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words("page-activity"), anchor=False)
        exports = st.container(horizontal=True, horizontal_alignment="right")
    query = _filters(ActivityQuery.of_address(st.query_params), words)
    view = _view(query, words)
    mount(view, key="etl-activity")
    if view.shown.entries:
        _paging(query, view.shown, words)
        with exports.popover(words("activity-export"), icon=":material/download:"):
            _exports(query, view.shown.total, words)


def _view(query: ActivityQuery, words: Texts) -> ActivityView:
    """Asked for in each full run of the page: whoever comes here sees what is."""
    look = session.job_table().look()
    shown, problem = Listing(), ""
    try:
        shown = listing(look.monitoring.client, query)
    except EtlMonitorError as error:
        problem = problem_text(error, words)
    milestone = look.snapshot.milestones
    return ActivityView(query=query, shown=shown, milestone=milestone, problem=problem)


def _filters(query: ActivityQuery, words: Texts) -> ActivityQuery:
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-activity-filters"):
        q = _search(query, words)
        action = _choice("action", list(ACTIONS), query.action, words)
        outcome = _choice("outcome", list(Outcome), query.outcome, words)
        period = _choice("period", list(PERIODS), query.period, words)
    chosen = replace(query, q=q, action=action, outcome=outcome, period=period)
    if chosen != query:  # another filter begins at its first page
        chosen = chosen.first_page
    _go(chosen)
    if query.job_id:
        text = words("activity-of-job", id=short_id(query.job_id))
        away = partial(_go, replace(chosen.first_page, job_id=""))
        st.button(text, icon=":material/close:", on_click=away, help=words("activity-all-jobs"))
    return chosen


def _search(query: ActivityQuery, words: Texts) -> str:
    text = st.text_input(
        words("activity-search"),
        value=query.q,
        type="search",
        max_chars=200,
        placeholder=words("activity-search-hint"),
        label_visibility="collapsed",
        key="etl-activity-q",
        live=True,
    )
    return (text or "").strip()


def _choice(name: str, options: list[str], chosen: str, words: Texts) -> str:
    return st.selectbox(
        words(f"activity-{name}"),
        options=["", *options],
        index=["", *options].index(chosen),
        format_func=lambda one: _option(name, one, words),
        label_visibility="collapsed",
        key=f"etl-activity-{name}",
        width=165,
    )


def _option(name: str, option: str, words: Texts) -> str:
    if not option:
        return words(f"activity-any-{name}")
    if name == "action":
        return action_text(option, words)
    return words(f"activity-{option}") if name == "outcome" else words(f"period-{option}")


def _go(query: ActivityQuery) -> None:
    """Into the address, so that a link shows the same."""
    for name, value in query.address().items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def _paging(query: ActivityQuery, shown: Listing, words: Texts) -> None:
    first, last = shown.entries[0].id, shown.entries[-1].id
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words("activity-total", n=shown.total))
        if not (shown.has_newer or shown.has_older):
            return
        st.button(
            words("page-newer"),
            icon=":material/chevron_left:",
            disabled=not shown.has_newer,
            on_click=partial(_go, replace(query, after=first, before=None)),
        )
        st.button(
            words("page-older"),
            icon=":material/chevron_right:",
            icon_position="right",
            disabled=not shown.has_older,
            on_click=partial(_go, replace(query, before=last, after=None)),
        )


def _exports(query: ActivityQuery, total: int, words: Texts) -> None:
    if total > EXPORTED:
        told = words("activity-export-limit", n=EXPORTED, total=total)
        st.warning(told, icon=":material/filter_alt:")
    client = session.job_table().monitoring.client  # here: a download runs outside of the session
    for name, mime in (("csv", "text/csv"), ("xlsx", _XLSX)):
        st.download_button(
            words("activity-export-as", format=name.upper()),
            data=partial(_file, name, client, query, words),
            file_name=f"activity.{name}",
            mime=mime,
            icon=":material/download:",
            key=f"etl-activity-{name}",
            on_click="ignore",
        )


def _file(name: str, client: EtlClient, query: ActivityQuery, words: Texts) -> bytes:
    rows = (spreadsheet_row(entry, words) for entry in all_entries(client, query))
    columns = spreadsheet_columns(words)
    if name == "csv":
        return as_csv(columns, rows)
    return as_xlsx(columns, rows, sheet=words("page-activity"))
