"""The dialogs about one job: the confirmation of a cancellation, the list of shortcuts.

The page's full run opens them, never a live fragment, so live updates do not touch them.
"""

import streamlit as st

from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.labels import job_name
from etl_monitor.ui.jobs.shortcuts import KeysView
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.session.state import translator
from etl_monitor.ui.widgets.confirm import is_sure
from etl_monitor.wire.job import Job

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


def open_cancel_dialog(job: Job) -> None:
    t = translator()

    @st.dialog(t("cancel-title", title=escape_markdown(job_name(job, t))), icon=":material/cancel:")
    def question() -> None:
        st.caption(t("consequence-cancel"))
        reason = st.text_input(t("cancel-reason"), max_chars=500, key="etl_cancel_reason")
        if is_sure(t("cancel-yes"), otherwise=t("cancel-no")):
            commands.cancel(job, reason)
            st.rerun()

    question()


def show_shortcuts() -> None:
    t = translator()

    @st.dialog(t("shortcuts-title"), icon=":material/keyboard:")
    def listing() -> None:
        with st.container(gap="xsmall"):
            for keys, meaning in _SHORTCUTS.items():
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.code(keys, language=None, width=_KEY_WIDTH)
                    st.text(t(meaning), width="stretch")
        mount(KeysView(), key="etl-keys")

    listing()
