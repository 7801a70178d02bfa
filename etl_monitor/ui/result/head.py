"""What stands above a result: the way back, its buttons, title and facts."""

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.problem import is_in_the_file
from etl_monitor.ui.live.test_kinds import kind_names
from etl_monitor.ui.results import dialogs as results_dialogs
from etl_monitor.ui.results.labels import title_of
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.layout import RESULT_HEAD, tab_title
from etl_monitor.ui.widgets.plain import page_title, small_line
from etl_monitor.wire.job import Job, may_retry
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.roles import Right


def head(result: TestResult, t: Translator) -> None:
    with st.container(
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
        key=RESULT_HEAD,
    ):
        st.page_link("results.py", label=t("back-to-results"), icon=":material/arrow_back:")
        with st.container(horizontal=True, width="content"):
            if not _has_better_action(result.last_job):
                reprocess_button(result, t)
            _delete_button(result, t)
    page_title(title_of(result, t))
    tab_title(title_of(result, t))
    small_line(" · ".join(_facts(result, t)))


def _has_better_action(last: Job | None) -> bool:
    """Whether the newest run leaves something better to do: to retry it, as its row offers, or to
    correct its file, below the reason."""
    if last is None:
        return False
    return is_in_the_file(last) or (may_retry(last) and session.may(Right.RETRY))


def reprocess_button(result: TestResult, t: Translator) -> None:
    is_busy = result.status is ResultStatus.PROCESSING
    is_pressed = session.may(Right.PROCESS) and st.button(
        t("reprocess"),
        icon=":material/replay:",
        disabled=is_busy,
        help=t("reprocess-busy") if is_busy else None,
    )
    if is_pressed:
        results_dialogs.open_reprocess_dialog(result)


def _delete_button(result: TestResult, t: Translator) -> None:
    is_busy = result.status is ResultStatus.PROCESSING
    if session.may(Right.DELETE) and st.button(
        t("delete"), icon=":material/delete:", disabled=is_busy
    ):
        results_dialogs.open_delete_dialog(result)


def _facts(result: TestResult, t: Translator) -> list[str]:
    kind = kind_names(t).get(result.test_kind or "", result.test_kind or "")
    scored = result.completed_at and t("scored-at", at=t.date_time(result.completed_at))
    sample = t("sample") if result.is_sample else ""
    return [fact for fact in (kind, result.user_id, scored, sample) if fact]
