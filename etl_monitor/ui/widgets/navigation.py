"""Navigation to another page of the portal, as one step of the browser's history.

`st.switch_page` with parameters makes two steps, of which the first is the old page with the new
page's parameters (seen with Streamlit 1.67): the back button leads there.
"""

from functools import cache
from urllib.parse import quote

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.scripts import script


def result_address(test_id: str, t: Translator) -> str:
    return f"/result?id={quote(test_id, safe='')}&lang={t.language}"


def job_address(job_id: str, t: Translator) -> str:
    return f"/monitor?job={quote(job_id, safe='')}&lang={t.language}"


def navigate(address: str) -> None:
    """Open `address` once this run is drawn."""
    _renderer()(key=f"etl-navigation-{address}", data={"address": address})


@cache
def _renderer() -> ComponentRenderer:
    return st.components.v2.component("etl_navigation", js=script("navigate.js"))
