"""`/system`: how the feed, the service and this portal are, and the way out of the samples."""

import streamlit as st

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.portal import push
from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.results.dialogs import ask_remove_samples
from etl_monitor.ui.session import state as session
from etl_monitor.ui.system.view import SystemView
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.roles import Right
from etl_monitor.wire.system import SystemState

_ASK_EVERY = 5.0  # seconds; workers and the disk have no news in the feed


def system_section() -> None:
    t = session.translator()
    st.subheader(t("page-system"), anchor=False)
    view = _view()
    st.fragment(_show, key="etl-system-look", run_every=_ASK_EVERY)(view)
    if view.told is not None and view.told.samples:
        st.caption(t("system-samples", n=view.told.samples))
        if session.may(Right.REMOVE_SAMPLES) and st.button(
            t("samples-remove"), icon=":material/delete_sweep:"
        ):
            ask_remove_samples()


def _show(first: SystemView) -> None:
    mount(first if push.current_run() else _view(), key="etl-system")


def _view() -> SystemView:
    try:
        return SystemView(told=_ask())
    except EtlMonitorError as error:
        return SystemView(told=None, problem=problem_text(error, session.translator()))


def _ask() -> SystemState | None:
    """None: an older back end, which knows no such question."""
    try:
        return session.job_table().monitoring.client.system()
    except NotFound:
        return None
