"""Headings and lines of text that are not Markdown: what they say is shown as it is."""

from html import escape
from typing import Literal

import streamlit as st

from etl_monitor.plain_text import visible


def page_title(text: str) -> None:
    """Draw the one heading of the first level, which names the page."""
    _draw("h1", "etl-page-title", text)


def section_title(text: str) -> None:
    """Draw a heading of the second level."""
    _draw("h2", "etl-section-title", text)


def product_name(text: str) -> None:
    _draw("strong", "etl-product", text)


def hidden_title(text: str) -> None:
    """Draw a heading of the second level for screen readers, where the eye has another one."""
    _draw("h2", "etl-hidden-title", text)


def small_line(text: str) -> None:
    _draw("p", "etl-small-line", text)


def _draw(element: str, style: str, text: str) -> None:
    html = f'<{element} class="{style}">{escape(visible(text))}</{element}>'
    width: Literal["content", "stretch"] = "stretch" if element == "p" else "content"
    st.html(html, width=width)
