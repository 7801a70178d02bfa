"""What helps a test whose file was wrong: a corrected file, where it went wrong, and every row that
was left out."""

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.downloads.buttons import download_buttons
from etl_monitor.ui.jobs.problem import is_in_the_file
from etl_monitor.ui.result.data import rejected_summary
from etl_monitor.ui.result.export import rejected_path
from etl_monitor.ui.result.head import reprocess_button
from etl_monitor.ui.result.rejected import rejected_table
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.dialog import open_repair_dialog
from etl_monitor.ui.widgets import report
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right

_FORMATS = ("csv", "xlsx")
_WITH_ROWS = "too_many_invalid_rows"


def repair(result: TestResult, t: Translator) -> None:
    """Offer the repair if the newest run failed for its file: a retry would fail again."""
    job = result.last_job
    if job is None or not is_in_the_file(job):
        return
    with st.container(horizontal=True):
        if session.may(Right.UPLOAD) and st.button(
            t("repair"), icon=":material/upload_file:", type="primary", key="etl-repair"
        ):
            open_repair_dialog(result)
        reprocess_button(result, t)
    if job.error_code == _WITH_ROWS:
        report.draw([rejected_table(rejected_summary(result), t)], key="etl-report-rejected", t=t)
        st.caption(t("rejected-rows"))
        formats = {name: rejected_path(result.id, name) for name in _FORMATS}
        download_buttons("etl-rejected", formats, t)
