"""The results half of `/`: search, upload, the list, and the actions of its buttons."""

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
from etl_monitor.ui.results.filter_bar import PAGE, filter_bar
from etl_monitor.ui.results.labels import is_busy, job_of
from etl_monitor.ui.results.list_view import ResultsView, shows_samples
from etl_monitor.ui.results.query import (
    BULK_LIMIT,
    PAGE_SIZE,
    ResultQuery,
    last_result_list,
    result_list,
)
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.dialog import open_upload_dialog
from etl_monitor.ui.widgets.plain import page_title, small_line
from etl_monitor.ui.widgets.query_params import read_page, turn_page, write_page
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right

_SKELETON_HEIGHT = 480  # pixels, about five rows


def results_section() -> None:
    t, kinds = session.translator(), kind_names(session.translator())
    _heading(t)
    query = filter_bar(kinds, t)
    read_page(PAGE, session.state().results)
    is_new = session.state().is_first_time("results")
    # Later the old list stays until the new one is there: a skeleton would push it down.
    with st.skeleton(height=_SKELETON_HEIGHT) if is_new else st.empty():
        has_samples = shows_samples(query, session.render_context())
    if has_samples:
        _about_samples(t)
    view = ResultsView(query=query, kinds=kinds, has_samples=has_samples)
    action = mount(view, key="etl-results", before=_before_drawing)
    write_page(PAGE, session.state().results)  # there may be fewer pages than the address says
    if action is not None:
        _handle(action, query)


def _heading(t: Translator) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        page_title(t("page-results"))
        if session.may(Right.UPLOAD) and st.button(
            t("upload"), icon=":material/upload_file:", type="primary"
        ):
            open_upload_dialog()


def _before_drawing(action: ViewAction) -> None:
    """The callback of the list's buttons."""
    if action.kind in ("newer", "older"):
        turn_page(PAGE, session.state().results, action.kind)
    else:
        before_drawing(action)


def _about_samples(t: Translator) -> None:
    """Say that these are samples, and what a newcomer may try."""
    small_line(t("samples-about"))
    with st.container(horizontal=True):
        if session.may(Right.REPLAY_SAMPLES) and st.button(
            t("samples-replay"), icon=":material/replay:", type="tertiary"
        ):
            results_commands.replay_samples()
            show_notices()
        if session.may(Right.REMOVE_SAMPLES) and st.button(
            t("samples-remove"), icon=":material/delete_sweep:", type="tertiary"
        ):
            results_dialogs.open_remove_samples_dialog()


def _handle(action: ViewAction, query: ResultQuery) -> None:
    if action.kind == "reprocess-many":
        test_ids = action.id.split(",")
        results_bulk_dialogs.open_bulk_reprocess_dialog(test_ids, len(test_ids))
    elif action.kind == "reprocess-all":
        matches = _all_matches(query)
        test_ids = [result.id for result in matches.results]
        results_bulk_dialogs.open_bulk_reprocess_dialog(test_ids, matches.total)
    elif action.kind == "reprocess":
        _reprocess(_find(action.id, query))
    else:
        handle(action)


def _all_matches(query: ResultQuery) -> ResultList:
    """Return the results of all pages, up to BULK_LIMIT."""
    try:
        return result_list(replace(query, limit=BULK_LIMIT), session.render_context())
    except EtlMonitorError as error:
        live_commands.notify_error(error)
        return ResultList(results=(), total=0)


def _find(test_id: str, query: ResultQuery) -> TestResult | None:
    """Return the result with this id from the shown page, or from the service if the page has moved
    on meanwhile. None, with a notice, if the service does not have it either."""
    page = replace(query, offset=session.state().results.page * PAGE_SIZE)
    shown = last_result_list(page, session.render_context())
    for result in shown.value.results if shown else ():
        if result.id == test_id:
            return result
    client = session.job_table().monitoring.client.with_language(session.language())
    try:
        return client.result(test_id)
    except EtlMonitorError as error:
        live_commands.notify_error(error)
        show_notices()
        return None


def _reprocess(result: TestResult | None) -> None:
    """Score the test again. A dialog confirms it first if that replaces scores."""
    ctx = session.render_context()
    if result is None or is_busy(result, job_of(result, ctx.snapshot)):
        return
    if result.completed_at is None:
        results_commands.reprocess(result, force=True)
        show_notices()
    else:
        results_dialogs.open_reprocess_dialog(result)
