"""`/system`: the state of the feed, the service and this portal, and the removal of the samples."""

from dataclasses import replace

import streamlit as st

from etl_monitor.ui.live.bus import mount
from etl_monitor.ui.results.dialogs import open_remove_samples_dialog
from etl_monitor.ui.session import state as session
from etl_monitor.ui.system.service_state import REQUEST_INTERVAL, service_state
from etl_monitor.ui.system.view import SystemView
from etl_monitor.ui.widgets.plain import page_title
from etl_monitor.wire.roles import Right


def system_section() -> None:
    t = session.translator()
    page_title(t("page-system"))
    # The fragment requests the state again, also while there are no events.
    st.fragment(_show, key="etl-system-refresh", run_every=REQUEST_INTERVAL)()
    state, _ = service_state(replace(session.render_context(), may_wait=False))  # as just shown
    if state is not None and state.samples:
        st.caption(t("system-samples", n=state.samples))
        if session.may(Right.REMOVE_SAMPLES) and st.button(
            t("samples-remove"), icon=":material/delete_sweep:"
        ):
            open_remove_samples_dialog()


def _show() -> None:
    mount(SystemView(), key="etl-system")
