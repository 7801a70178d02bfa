"""Send an answer file to the service and show the progress."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.session import state as session
from etl_monitor.ui.upload.draft import draft
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.navigation import navigate, result_address
from etl_monitor.wire.result import TestResult
from etl_monitor.wire.roles import Right

_STEPS = 100  # of the progress bar


def send(file: UploadedFile, t: Translator, **fields: Any) -> None:
    """Upload the file and open its result, or show why the service rejects it."""
    try:
        result = _upload(file, t, lambda client, **how: client.upload(**how, **fields))
    except EtlMonitorError as error:
        show_problem(t("upload-refused"), error, t)
        return
    draft().clear_after_sending()
    session.notify(t("toast-uploaded", title=fields["title"]))
    navigate(result_address(result.id, t))


def send_corrected(file: UploadedFile, result: TestResult, t: Translator) -> None:
    """Upload a corrected file into its test, or show why the service rejects it."""
    try:
        _upload(file, t, lambda client, **how: client.replace_file(result.id, **how))
    except EtlMonitorError as error:
        show_problem(t("upload-refused"), error, t)
        return
    session.notify(t("toast-corrected"))
    st.rerun()


def show_problem(heading: str, error: EtlMonitorError, t: Translator) -> None:
    st.error(heading, icon=":material/error:")
    st.text(problem_text(error, t))


def file_name(file: UploadedFile) -> str:
    """Return the file's name. Browsers send a quotation mark as `%22`, and Streamlit leaves it:
    https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""
    return str(file.name).replace("%22", '"')


def _upload(file: UploadedFile, t: Translator, request: Callable[..., TestResult]) -> TestResult:
    """Closing the dialog ends the upload: the page's run stops at the next piece, and the service
    discards a file that is not complete."""
    client = session.client_for(Right.UPLOAD)
    container = st.empty()
    with container.container():
        bar = st.progress(0.0, text=t("upload-sending", sent="0", total=_megabytes(file.size, t)))
        st.caption(t("upload-stop"))
    try:
        file.seek(0)
        return request(client, file=file, file_name=file_name(file), on_sent=_progress(bar, t))
    finally:
        container.empty()


def _progress(bar: Any, t: Translator) -> Callable[[int, int], None]:
    shown_step = -1

    def show(sent: int, total: int) -> None:
        nonlocal shown_step
        if shown_step == (shown_step := sent * _STEPS // total):
            return
        is_sent = sent >= total
        text = t("upload-sending", sent=_megabytes(sent, t), total=_megabytes(total, t))
        bar.progress(sent / total, text=t("upload-checking") if is_sent else text)

    return show


def _megabytes(size: int, t: Translator) -> str:
    return t.number(size / 1_000_000, 1)
