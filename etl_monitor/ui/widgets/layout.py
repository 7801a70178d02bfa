"""What the pages of this portal share beyond the live views."""

from pathlib import Path

import streamlit as st

from etl_monitor.ui.session import state as session

ICON = (
    Path(__file__).parents[1] / "assets" / "icon.svg"
)  # a :material/…: icon would be asked of Google
HOME = "etl-home"  # the container of the first page's halves
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}


def narrow_styles() -> None:
    """Less empty space around the page than Streamlit leaves; style sheets only."""
    st.html(
        "<style>.stMainBlockContainer{padding:3.75rem 2rem 3rem}"
        "@media(max-width:40rem){.stMainBlockContainer{padding-left:.75rem;padding-right:.75rem}}"
        # The running man and his Stop button come and go with each piece of news.
        "[data-testid=stStatusWidget]{display:none}"
        # A primary colour that white text is read on is too dark for text on a dark page.
        "[role=tab][aria-selected=true],[role=tab][aria-selected=true] *,"
        "button[data-selected=true],button[data-selected=true] *,"
        # And a caption's grey is too light on white.
        "[data-testid=stCaptionContainer],[data-testid=stCaptionContainer] *"
        "{color:inherit!important;opacity:1!important}"
        ".st-key-etl-monitor-heading{min-height:2.5rem}"
        # A Korean word is not broken in its middle.
        "body,[data-testid=stMarkdownContainer] *,[data-testid=stText],[data-testid=stText] *,"
        "[role=dialog] *{word-break:keep-all!important;overflow-wrap:anywhere}"
        # On a tablet the two halves stand below each other: beside each other both are too narrow.
        f"@media(max-width:64rem){{.st-key-{HOME} .stColumn{{flex:1 1 100%;min-width:100%}}}}"
        # There, as on a phone, the search has a line of its own, in which its hint can be read; the
        # choices share the next ones.
        "@media(max-width:64rem){.st-key-etl-activity-filters{gap:.5rem}"
        ".st-key-etl-activity-filters>.stElementContainer{flex:1 1 9rem;width:auto;min-width:0}"
        ".st-key-etl-activity-filters>.stElementContainer:first-child{flex-basis:100%}}"
        # What can be done with a chart is done with its table; here it is said in English only.
        "[data-testid=stElementToolbar]{display:none}"
        # "Press Enter to apply", in English only.
        "[data-testid=InputInstructions]{display:none}"
        "</style>"
    )


def monitor_heading() -> None:
    """Above the monitor; as high as that of the results, whose button stands in its line."""
    with st.container(horizontal=True, vertical_alignment="center", key="etl-monitor-heading"):
        st.subheader(session.translator()("monitor"), anchor=False)
