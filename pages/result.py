"""`/result?id=…`: one test's scores, statistics, documents and jobs."""

import streamlit as st

from etl_monitor.ui.result.page import result_section

result_section(st.query_params.get("id", ""))
