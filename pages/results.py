"""`/`: test results, each with its job's live status, beside the full monitor."""

import streamlit as st

from etl_monitor.ui.embed import progress_monitor
from etl_monitor.ui.results.page import results_section
from etl_monitor.ui.widgets.layout import HOME, monitor_heading

with st.container(key=HOME):
    results, monitor = st.columns([11, 9], gap="large")
with monitor:
    monitor_heading()
    progress_monitor(badge=False, shortcuts=True)  # the frame has it
with results:
    results_section()
