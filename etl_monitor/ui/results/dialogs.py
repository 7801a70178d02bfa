"""The confirmations about one test result, and about the samples."""

import streamlit as st

from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.results import commands as results_commands
from etl_monitor.ui.results.labels import title_of
from etl_monitor.ui.session.state import translator
from etl_monitor.ui.widgets.confirm import is_sure
from etl_monitor.wire.result import TestResult


def open_reprocess_dialog(result: TestResult) -> None:
    t = translator()

    @st.dialog(
        t("reprocess-title", title=escape_markdown(title_of(result, t))), icon=":material/replay:"
    )
    def dialog() -> None:
        st.caption(t("reprocess-consequence"))
        if is_sure(t("reprocess-yes"), otherwise=t("leave-as-is")):
            results_commands.reprocess(result, force=True)
            st.rerun()

    dialog()


def open_delete_dialog(result: TestResult) -> None:
    t = translator()

    @st.dialog(t("delete-title"), icon=":material/delete:")
    def dialog() -> None:
        st.text(t("delete-question", title=title_of(result, t)))
        st.caption(t("delete-consequence"))
        if is_sure(t("delete-yes"), otherwise=t("leave-as-is")):
            if results_commands.delete(result, title_of(result, t)):
                st.switch_page("results.py")
            st.rerun()

    dialog()


def open_remove_samples_dialog() -> None:
    t = translator()

    @st.dialog(t("samples-title"), icon=":material/delete_sweep:")
    def dialog() -> None:
        st.text(t("samples-question"))
        if is_sure(t("samples-yes"), otherwise=t("leave-as-is")):
            results_commands.remove_samples()
            st.rerun()

    dialog()
