"""The results half of `/`: search, upload, the list, and what its buttons do."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from etl_monitor.client import ResultList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.clicks import before_drawing, handle
from etl_monitor.ui.live import commands as live_commands
from etl_monitor.ui.live.bus import ViewAction, mount, show_notices
from etl_monitor.ui.live.test_kinds import kind_names
from etl_monitor.ui.results import bulk_dialogs as results_bulk_dialogs
from etl_monitor.ui.results import commands as results_commands
from etl_monitor.ui.results import dialogs as results_dialogs
from etl_monitor.ui.results.labels import is_busy, job_of
from etl_monitor.ui.results.list_view import ResultsView, shows_samples
from etl_monitor.ui.results.query import (
    MANY,
    PAGE,
    SORTS,
    ResultQuery,
    last_result_list,
    result_list,
)
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.dialog import open_upload_dialog
from etl_monitor.ui.widgets.people import known_people
from etl_monitor.ui.widgets.query_params import (
    choice,
    chosen_so_far,
    keep_page,
    open_choice,
    take_page,
    turn_page,
)
from etl_monitor.ui.widgets.search import clear_button, filters_popover, search_box
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.roles import Right

_TEXT, _PAGE = "q", "page"  # in the address
_SKELETON = 480  # pixels; as high as some rows


def results_section() -> None:
    t, kinds = session.translator(), kind_names(session.translator())
    _heading(t)
    query = _filters(kinds, t)
    take_page(_PAGE, session.state().results, query)
    is_new = session.state().is_first_time("results")
    # Later the old list stays until the new one has come: a skeleton would push it down.
    with st.skeleton(height=_SKELETON) if is_new else st.empty():
        has_samples = shows_samples(query, session.render_context())
    view = ResultsView(query=query, kinds=kinds, has_samples=has_samples)
    action = mount(view, key="etl-results", before=_turn_page)
    keep_page(_PAGE, session.state().results)  # there may be fewer than the address says
    if has_samples and session.may(Right.REMOVE_SAMPLES):
        _remove_samples(t)
    if action is not None:
        _handle(action, query)


def _heading(t: Translator) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader(t("page-results"), anchor=False, width="content")
        if session.may(Right.UPLOAD) and st.button(
            t("upload"), icon=":material/upload_file:", type="primary"
        ):
            open_upload_dialog()


def _filters(kinds: Mapping[str, str], t: Translator) -> ResultQuery:
    """All in the address, so that a link shows the same."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = search_box(_TEXT, t("search"), t("search-hint"))
        hidden = {"status": tuple(ResultStatus), "kind": kinds, "person": None}
        with filters_popover(chosen_so_far(hidden), t):
            query = _choices(text, kinds, t)
            clear_button(_TEXT, *hidden, is_narrow=query.is_narrow, t=t)
    return query


def _choices(text: str, kinds: Mapping[str, str], t: Translator) -> ResultQuery:
    return ResultQuery(
        text=text,
        status=choice("status", t("status"), ["", *ResultStatus], _status_words(t)),
        kind=choice(
            "kind", t("fact-kind"), ["", *kinds], lambda one: kinds.get(one, t("kind-any"))
        ),
        person=open_choice(
            "person",
            t("filter-person"),
            known_people(session.render_context().snapshot),
            otherwise=t("person-any"),
        ),
        sort=choice("sort", t("sort"), SORTS, lambda one: t(f"results-by-{one}")),
    )


def _status_words(t: Translator) -> Callable[[str], str]:
    return lambda one: t(f"result-{one}") if one else t("status-any")


def _turn_page(action: ViewAction) -> None:
    if action.kind in ("newer", "older"):
        turn_page(_PAGE, session.state().results, action.kind)
    else:
        before_drawing(action)


def _matching(query: ResultQuery) -> ResultList:
    """Everything that the filter lets through, as far as it can be processed at once."""
    try:
        return result_list(replace(query, limit=MANY), session.render_context())
    except EtlMonitorError as error:
        live_commands.notify_error(error)
        return ResultList(results=(), total=0)


def _find(test_id: str, query: ResultQuery) -> TestResult | None:
    """The result with this id: as the shown page has it, else, where that has moved on, as the
    service knows it. None where it cannot be had, which is told."""
    table = session.job_table()
    shown = last_result_list(
        replace(query, offset=session.state().results.page * PAGE), session.render_context()
    )
    found = next((one for one in shown.value.results if one.id == test_id), None) if shown else None
    try:
        return found or table.monitoring.client.with_language(session.language()).result(test_id)
    except EtlMonitorError as error:
        live_commands.notify_error(error)
        show_notices()
        return None


def _remove_samples(t: Translator) -> None:
    """Samples are there to be looked at and then to be gone, in one action."""
    if st.button(t("samples-remove"), icon=":material/delete_sweep:", type="tertiary"):
        results_dialogs.ask_remove_samples()


def _handle(action: ViewAction, query: ResultQuery) -> None:
    if action.kind == "reprocess-many":
        chosen = action.id.split(",")
        results_bulk_dialogs.ask_reprocess_many(chosen, len(chosen))
    elif action.kind == "reprocess-all":
        found = _matching(query)
        results_bulk_dialogs.ask_reprocess_many([one.id for one in found.results], found.total)
    elif action.kind == "reprocess":
        _reprocess(_find(action.id, query))
    else:
        handle(action)


def _reprocess(result: TestResult | None) -> None:
    """Old scores are replaced: that is asked. A test without scores loses nothing."""
    ctx = session.render_context()
    if result is None or is_busy(result, job_of(result, ctx.snapshot)):
        return
    if result.completed_at is None:
        results_commands.reprocess(result, force=True)
        show_notices()
    else:
        results_dialogs.ask_reprocess(result)
