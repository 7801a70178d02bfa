"""Going to another page of the portal, as one step of the browser's history, or to the sign-in.

`st.switch_page` with parameters makes two steps, of which the first is the old page with the new
page's parameters (seen with Streamlit 1.67): the back button leads there.
"""

import hashlib
from collections.abc import Sequence

from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import addresses
from etl_monitor.ui.session.view import BUS
from etl_monitor.ui.widgets.component import component
from etl_monitor.ui.widgets.scripts import script


def result_address(test_id: str, t: Translator) -> str:
    return addresses.result_page(test_id, t.language)


def job_address(job_id: str, t: Translator) -> str:
    return addresses.job_page(job_id, t.language)


def navigate(address: str) -> None:
    """Open a page's `address` once this run is drawn."""
    _go(address, is_page=True)


def leave_for(address: str) -> None:
    """Load `address` instead of this page once this run is drawn: it is no page of the portal."""
    _go(address, is_page=False)


def _go(address: str, *, is_page: bool) -> None:
    # Not the address itself: Streamlit refuses keys with two underscores, as an id may have, and
    # one in a hundred tokens of the sign-in.
    key = hashlib.sha256(address.encode()).hexdigest()[:16]
    _renderer()(key=f"etl-navigation-{key}", data={"address": address, "isPage": is_page})


def _renderer() -> ComponentRenderer:
    return component("navigation", js=script("navigate.js"))


def write_opened_tab(group: str, parameter: str, names: Sequence[str]) -> None:
    """Let the browser write the opened tab of a group into the address, for a reload and for a link
    that is copied. The page does not run for it. `names`: of its tabs, as in the address."""
    data = {"group": group, "parameter": parameter, "names": names}
    component("tabs", js=script("tabs.js"))(key=f"{BUS}-tabs", data=data)  # hidden, as the bus
