"""The two buttons of a confirmation."""

import streamlit as st


def is_sure(yes: str, *, otherwise: str, can_be_done: bool = True) -> bool:
    """Draw the two buttons of a confirmation. Returns True if `yes` was pressed; the other button
    closes the dialog."""
    left, right = st.columns(2)
    pressed = left.button(yes, type="primary", width="stretch", disabled=not can_be_done)
    if right.button(otherwise, width="stretch"):
        st.rerun()
    return pressed


def close_button(label: str) -> None:
    """Draw a button that closes the dialog."""
    if st.button(label, width="stretch"):
        st.rerun()
