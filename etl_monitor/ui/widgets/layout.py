"""Icon, styles and headings that the pages of the portal share."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from etl_monitor.plain_text import visible
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.plain import section_title

ICON = (
    Path(__file__).parents[1] / "assets" / "icon.svg"
)  # a :material/…: icon would be asked of Google
HOME = "etl-home"  # the container of the first page's halves
RESULT_HEAD = "etl-result-head"  # of the line above a result's title
# A result's page as a report on paper: its opened tab, nothing to press, no row cut in two.
_PRINT = (
    "@page{size:A4;margin:12mm 15mm}"
    "@media print{"
    ":root,body,.stApp{color-scheme:light!important;background:#fff!important;color:#000!important}"
    "html,body,#root,.stApp,.stAppViewContainer,.stMain{position:static!important;"
    "height:auto!important;overflow:visible!important;display:block!important}"
    "header,[role=tablist],.stToolbar,.stPageLink,.stButton,.stButtonGroup,.stToast,.stPopover,"
    ".etl-button,.etl-badge,.etl-downloads,.etl-selection,.etl-keys,.etl-waiting,"
    f".st-key-etl-result-newest-job,.st-key-{RESULT_HEAD},[data-testid=stSkeleton]"
    "{display:none!important}"
    "[role=tabpanel]{display:block!important;visibility:visible!important;height:auto!important}"
    ".stExpander summary{background:none!important;color:#000!important}"
    ".stMainBlockContainer{padding:0!important;max-width:none!important}"
    ".stVerticalBlock,.stHorizontalBlock{gap:.375rem!important}"
    "h1.etl-page-title{padding:0!important}"
    "[data-testid=stMarkdownContainer] :is(p,li,th,td)"
    "{font-size:.8125rem!important;line-height:1.4}"
    "tr,figure,.etl-card,.etl-result{break-inside:avoid}h1,h2,h3{break-after:avoid}"
    "*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}"
)
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}


def narrow_styles() -> None:
    """Adjust Streamlit's layout: less empty space, legible colours, narrow screens."""
    st.html(
        "<style>.stMainBlockContainer{padding:3.75rem 2rem 3rem}"
        "@media(max-width:40rem){.stMainBlockContainer{padding-left:.75rem;padding-right:.75rem}}"
        # The "running" sign and its Stop button would appear with each live update.
        "[data-testid=stStatusWidget]{display:none}"
        # A page that runs again, as at a click on a tab, does not fade meanwhile.
        ".stElementContainer[data-stale=true]{opacity:1!important}"
        # A primary colour on which white text is legible is too dark for text on a dark page.
        "[role=tab][aria-selected=true],[role=tab][aria-selected=true] *,"
        "button[data-selected=true],button[data-selected=true] *,"
        # A caption's grey is too light on white.
        "[data-testid=stCaptionContainer],[data-testid=stCaptionContainer] *"
        "{color:inherit!important;opacity:1!important}"
        ".st-key-etl-monitor-heading{min-height:2.5rem}"
        # The focus is seen: Streamlit greys a link, and colours the thin border of an input.
        ":is(header,.stSidebar,.stPageLink) a:focus-visible,"
        "[data-testid=stTextInputRootElement]:has(:focus-visible),"
        "[data-baseweb=select]:has(:focus-visible)"
        "{outline:2px solid currentColor!important;outline-offset:2px}"
        # What has the focus is not below Streamlit's header, nor below the bar of a selection.
        ".stMain{scroll-padding-block:4.5rem 4rem}"
        # What stands above a result's tabs arrives in parts; the tabs must not move under a click.
        ".st-key-etl-result-newest-job{min-height:3.875rem}"
        ".st-key-etl-result-numbers{min-height:2.875rem}"
        "h1.etl-page-title,h2.etl-section-title"
        "{font-size:1.5rem;font-weight:600;line-height:1.3;margin:0;padding:.5rem 0}"
        ".etl-product{font-size:.9375rem;white-space:nowrap}"
        ".etl-small-line{font-size:.875rem;margin:0}"
        ".etl-hidden-title{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}"
        # Do not break lines within a Korean word.
        "body,[data-testid=stMarkdownContainer] *,[data-testid=stText],[data-testid=stText] *,"
        "[role=dialog] *{word-break:keep-all!important;overflow-wrap:anywhere}"
        # On a phone a result's first score should be in sight: its buttons fit beside the way back.
        "@media(max-width:40rem){.stMainBlockContainer .stVerticalBlock{gap:.75rem}"
        f".st-key-{RESULT_HEAD},.st-key-{RESULT_HEAD} *{{gap:.375rem;font-size:.875rem}}"
        f".st-key-{RESULT_HEAD} button{{padding:.25rem .5rem;min-height:2rem}}}}"
        # On a phone Streamlit's header holds the menu's button only: the product's name and the
        # languages stand beside it, below the menu and the dialogs, and the page begins higher.
        "@media screen and (max-width:47.99rem){.stMainBlockContainer{padding-top:2.75rem}"
        ".stElementContainer:has(.etl-product),.st-key-etl_language_choice"
        "{position:fixed!important;z-index:999990;height:3.5rem!important;top:0;width:auto!important;"
        "display:flex;align-items:center}"
        ".stElementContainer:has(.etl-product){left:3.25rem}"
        ".st-key-etl_language_choice{right:.75rem}"
        ".st-key-etl-badge .etl-badge{min-height:2.5rem}}"
        # On a tablet one half stands below the other: side by side both are too narrow.
        f"@media(max-width:64rem){{.st-key-{HOME} .stColumn{{flex:1 1 100%;min-width:100%}}}}"
        # There, as on a phone, the search has a line of its own, so that its hint can be read, and
        # the select boxes share the next ones.
        "@media(max-width:64rem){.st-key-etl-activity-filters{gap:.5rem}"
        ".st-key-etl-activity-filters>.stElementContainer{flex:1 1 9rem;width:auto;min-width:0}"
        ".st-key-etl-activity-filters>.stElementContainer:first-child{flex-basis:100%}}"
        # A chart's toolbar is in English only, and its table offers the same.
        "[data-testid=stElementToolbar]{display:none}"
        # "Press Enter to apply", in English only.
        "[data-testid=InputInstructions]{display:none}" + _PRINT + "</style>"
    )


def tab_title(text: str) -> None:
    """Name the browser's tab: the page, or what it shows."""
    st.set_page_config(page_title=f"{visible(text)} · {session.translator()('product')}")


def monitor_heading(title: Callable[[str], None] = section_title) -> None:
    """Draw the monitor's heading, as high as that of the results, which has a button beside it."""
    with st.container(horizontal=True, vertical_alignment="center", key="etl-monitor-heading"):
        title(session.translator()("monitor"))
