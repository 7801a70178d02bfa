"""What the lists' inputs have in common: a box to search in, and filters behind a button."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.query_params import forget, stay

_LONGEST = 200  # characters that the service takes


def search_box(name: str, label: str, hint: str) -> str:
    """What is looked for; it stands in the address under this name."""
    text = st.text_input(
        label,
        type="search",
        max_chars=_LONGEST,
        placeholder=hint,
        label_visibility="collapsed",
        key=name,
        bind="query-params",
        live=True,
        on_change=stay,
    )
    return (text or "").strip()


def filters_popover(chosen: int, t: Translator) -> DeltaGenerator:
    """`chosen`: how many of the filters in it are on, which is seen while it is closed."""
    label = t("filters-on", n=chosen) if chosen else t("filter")
    return st.popover(label, icon=":material/tune:")


def clear_button(text: str, *others: str, is_narrow: bool, t: Translator) -> None:
    """Takes back what was searched for under the name `text`, and the choices of the other names.
    Where all is shown again, it is from its first page on."""
    st.button(
        t("clear-filters"),
        disabled=not is_narrow,
        on_click=_clear,
        args=(text, others),
        key=f"etl-clear-{text}",
    )


def _clear(text: str, others: Sequence[str]) -> None:
    stay()
    session.set_inputs("", text)
    forget(*others)
