"""Bare pages of Streamlit beside which `benchmarks/painted.py` measures the monitor."""
