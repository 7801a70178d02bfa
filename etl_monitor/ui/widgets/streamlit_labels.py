"""Streamlit's own labels in the reader's language.

They are fixed English texts in Streamlit. A small script replaces them wherever they appear, also
in dialogs, and sets the language of the document.
"""

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.portal.request_visitor import LANGUAGE_COOKIE
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.component import component
from etl_monitor.ui.widgets.scripts import script

_KEY = "etl-names"
_NAMES = {
    "App pages": "name-pages",
    "Main menu": "name-menu",
    "Close": "name-close",
    "Dismiss": "name-close",
    "Open": "name-open",
    "Clear value": "name-clear",
    "file upload": "upload-file",
    "Add files": "drop-choose",
    "Notifications": "name-notices",
    "Sidebar": "name-pages",
    "Expand sidebar": "name-sidebar-open",
    "Collapse sidebar": "name-sidebar-close",
    "Scroll tabs left": "name-tabs-left",
    "Scroll tabs right": "name-tabs-right",
    "Link to heading": "name-anchor",
    "Choose an option": "name-choose",
    "Choose or add an option": "name-choose-or-add",
    "No results": "name-no-results",
    "1 option available.": "name-option",
    "Page not found": "name-no-page",
    "The page that you have requested does not seem to exist. Running the app's main page.": (
        "name-no-page-why"
    ),
    "Connection error": "name-lost",
    "Streamlit server is not responding. Are you connected to the internet?": "name-lost-why",
}
# The elements with such texts: select boxes, their announcements to screen readers, and the dialogs
# about a lost connection and about an unknown page.
_SPOKEN = (
    "[data-testid=stSelectboxVirtualDropdown]",
    "[data-live-announcer]",
    "[role=dialog] > h2",
    "[role=dialog] > h2 + div > div",
)
# drop_area.py hides this button's own text. What a style sheet shows instead is not an accessible
# name in every browser.
_GIVEN = {"[data-testid=stFileUploaderDropzone] > span button": "drop-choose"}
_TEXTS = {"[data-testid=stSkipToContent]": "name-skip"}


def name_widgets() -> None:
    """Draw the script, once on a page."""
    t = session.translator()
    names = {english: t(key) for english, key in _NAMES.items()}
    names["Remove *"] = t("name-remove", name="*")
    names["Cancel upload of *"] = t("name-stop", name="*")
    names["Add: *"] = t("name-add", name="*")
    names["* options available."] = t("name-options", n="*")
    st.html(f"<style>.st-key-{_KEY}{{display:none}}</style>")
    given = {selector: t(key) for selector, key in _GIVEN.items()}
    contents = {selector: t(key) for selector, key in _TEXTS.items()}
    data = {"language": t.language, "names": names, "spoken": ", ".join(_SPOKEN)}
    choice = {"chosen": session.chosen_language(), "cookie": LANGUAGE_COOKIE}
    _renderer()(key=_KEY, data=data | choice | {"given": given, "visible": contents})


def _renderer() -> ComponentRenderer:
    return component("names", js=script("streamlit_labels.js"))
