"""What the chosen file seems to be, with its first rows, before it is sent."""

from collections.abc import Callable

import streamlit as st

from etl_monitor.i18n import Texts
from etl_monitor.ui.upload.file_check import FileLook
from etl_monitor.ui.widgets.report import cell, column, draw, table

_COLUMNS_SHOWN = 8
_LONGEST = 24  # characters of a cell


def file_card(look: FileLook, texts: Texts, *, another: Callable[[], None]) -> None:
    """`another`: called when the person wants to choose another file."""
    with st.container(border=True):
        name, button = st.columns([3, 2], vertical_alignment="center")
        with name:
            st.text(look.name)
        with button.container(horizontal=True, horizontal_alignment="right"):
            st.button(texts("upload-another"), icon=":material/swap_horiz:", on_click=another)
        st.caption(" · ".join(_facts(look, texts)))
        if look.is_misnamed:
            st.caption(texts("file-misnamed", format=look.format))
        if look.preview:
            _preview(look, texts)


def _facts(look: FileLook, texts: Texts) -> list[str]:
    facts = [_size(look.size, texts)]
    if look.format:
        facts.append(" ".join(part for part in (look.format, look.encoding) if part))
    if look.rows is not None:
        key = "file-rows-about" if look.is_about else "file-rows"
        facts.append(texts(key, n=look.rows))
    if look.columns:
        facts.append(texts("file-columns", n=len(look.columns)))
    return facts


def _size(size: int, texts: Texts) -> str:
    if size < 1000:
        return texts("file-size-bytes", n=size)
    if size < 1_000_000:
        return texts("file-size-kb", n=texts.number(round(size / 1000)))
    return texts("file-size-mb", n=texts.number(size / 1_000_000, 1))


def _preview(look: FileLook, texts: Texts) -> None:
    shown = look.columns[:_COLUMNS_SHOWN]
    rows = [
        {"key": str(n), "cells": [cell(_short(value)) for value in row[: len(shown)]]}
        for n, row in enumerate(look.preview, start=1)
    ]
    more = len(look.columns) - len(shown)
    block = table(
        texts("file-preview"),
        [column(_short(name), fixed=True) for name in shown],
        rows,
        bare=True,
        notes=[texts("file-more-columns", n=more) if more > 0 else ""],
    )
    draw([block], key="etl-file-preview", texts=texts)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
