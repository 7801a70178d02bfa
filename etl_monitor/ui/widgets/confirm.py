"""The two buttons of a confirmation."""

import streamlit as st


def is_sure(yes: str, *, otherwise: str, can_be_done: bool = True) -> bool:
    """Two buttons below a question; the other one closes it."""
    left, right = st.columns(2)
    pressed = left.button(yes, type="primary", width="stretch", disabled=not can_be_done)
    if right.button(otherwise, width="stretch"):
        st.rerun()
    return pressed


def close_button(label: str) -> None:
    """Draw a button that closes the dialog."""
    if st.button(label, width="stretch"):
        st.rerun()
