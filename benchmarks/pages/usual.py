"""The usual way: a fragment that reruns each second, a row of Streamlit's elements a job."""

import streamlit as st

from benchmarks.pages.newest import as_text, newest

ROWS = 20


@st.fragment(run_every=1)
def shown() -> None:
    for job_id, rows_done in list(newest.rows_done.items())[:ROWS]:
        name, bar, rows = st.columns([2, 2, 1])
        name.text(job_id)
        bar.progress(rows_done % 100)
        rows.text(as_text(rows_done))


shown()
