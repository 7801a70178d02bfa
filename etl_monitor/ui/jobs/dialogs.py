"""The questions that are asked before something that cannot be undone.

Opened by the page's full run, never within a live fragment: news do not touch them.
"""

import streamlit as st

from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.row import job_name, short_id
from etl_monitor.ui.jobs.shortcuts import KeysView
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.results.list_view import title_of
from etl_monitor.ui.session.state import texts
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import TestResult

_SHORTCUTS = {
    "/": "shortcut-search",
    "j": "shortcut-next",
    "k": "shortcut-previous",
    "Enter": "shortcut-details",
    "c": "shortcut-cancel",
    "r": "shortcut-retry",
    "x": "shortcut-select",
    "?": "shortcut-help",
}
_KEY_WIDTH = 84  # pixels


def is_sure(yes: str, *, otherwise: str, can_be_done: bool = True) -> bool:
    """Two buttons below a question; the other one closes it."""
    left, right = st.columns(2)
    pressed = left.button(yes, type="primary", width="stretch", disabled=not can_be_done)
    if right.button(otherwise, width="stretch"):
        st.rerun()
    return pressed


def ask_cancel(job: Job) -> None:
    words = texts()

    @st.dialog(words("cancel-title", id=short_id(job.job_id)), icon=":material/cancel:")
    def question() -> None:
        st.text(words("cancel-question", title=job_name(job)))
        st.caption(words("consequence-cancel"))
        reason = st.text_input(words("cancel-reason"), max_chars=500, key="etl_cancel_reason")
        if is_sure(words("cancel-yes"), otherwise=words("cancel-no")):
            commands.cancel(job, reason)
            st.rerun()

    question()


def ask_reprocess(result: TestResult) -> None:
    words = texts()

    @st.dialog(words("reprocess-title"), icon=":material/replay:")
    def question() -> None:
        st.text(words("reprocess-question", title=title_of(result)))
        st.caption(words("reprocess-consequence"))
        if is_sure(words("reprocess-yes"), otherwise=words("leave-as-is")):
            commands.reprocess(result, force=True)
            st.rerun()

    question()


def ask_delete(result: TestResult) -> None:
    words = texts()

    @st.dialog(words("delete-title"), icon=":material/delete:")
    def question() -> None:
        st.text(words("delete-question", title=title_of(result)))
        st.caption(words("delete-consequence"))
        if is_sure(words("delete-yes"), otherwise=words("leave-as-is")):
            if commands.delete(result, title_of(result)):
                st.switch_page("results.py")
            st.rerun()

    question()


def ask_remove_samples() -> None:
    words = texts()

    @st.dialog(words("samples-title"), icon=":material/delete_sweep:")
    def question() -> None:
        st.text(words("samples-question"))
        if is_sure(words("samples-yes"), otherwise=words("leave-as-is")):
            commands.remove_samples()
            st.rerun()

    question()


def show_shortcuts() -> None:
    words = texts()

    @st.dialog(words("shortcuts-title"), icon=":material/keyboard:")
    def listing() -> None:
        with st.container(gap="xsmall"):
            for keys, meaning in _SHORTCUTS.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.code(keys, language=None, width=_KEY_WIDTH)
                    st.text(words(meaning), width="stretch")
        mount(KeysView(), key="etl-keys")

    listing()
