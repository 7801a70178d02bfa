"""ETL Monitor in another Streamlit app: `streamlit run examples/embed.py`."""

import streamlit as st

import etl_monitor as em

st.title("Our own page")
for job in em.use_etl_monitoring().snapshot().running[:3]:
    em.job_status(job, compact=True)
em.progress_monitor()
