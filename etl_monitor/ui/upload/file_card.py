"""What the chosen file seems to be, with its first rows, before it is sent."""

from collections.abc import Callable

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.upload.file_check import FileLook
from etl_monitor.ui.widgets.report import cell, column, draw, table

_COLUMNS_SHOWN = 8
_LONGEST = 24  # characters of a cell


def file_card(ctx: FileLook, t: Translator, *, another: Callable[[], None]) -> None:
    """`another`: called when the person wants to choose another file."""
    with st.container(border=True):
        name, button = st.columns([3, 2], vertical_alignment="center")
        with name:
            st.text(ctx.name)
        with button.container(horizontal=True, horizontal_alignment="right"):
            st.button(t("upload-another"), icon=":material/swap_horiz:", on_click=another)
        st.caption(" · ".join(_facts(ctx, t)))
        if ctx.is_misnamed:
            st.caption(t("file-misnamed", format=ctx.format))
        if ctx.preview:
            _preview(ctx, t)


def _facts(ctx: FileLook, t: Translator) -> list[str]:
    facts = [_size(ctx.size, t)]
    if ctx.format:
        facts.append(" ".join(part for part in (ctx.format, ctx.encoding) if part))
    if ctx.rows is not None:
        key = "file-rows-about" if ctx.is_about else "file-rows"
        facts.append(t(key, n=ctx.rows))
    if ctx.columns:
        facts.append(t("file-columns", n=len(ctx.columns)))
    return facts


def _size(size: int, t: Translator) -> str:
    if size < 1000:
        return t("file-size-bytes", n=size)
    if size < 1_000_000:
        return t("file-size-kb", n=t.number(round(size / 1000)))
    return t("file-size-mb", n=t.number(size / 1_000_000, 1))


def _preview(ctx: FileLook, t: Translator) -> None:
    shown = ctx.columns[:_COLUMNS_SHOWN]
    rows = [
        {"key": str(n), "cells": [cell(_short(value)) for value in row[: len(shown)]]}
        for n, row in enumerate(ctx.preview, start=1)
    ]
    more = len(ctx.columns) - len(shown)
    block = table(
        t("file-preview"),
        [column(_short(name), fixed=True) for name in shown],
        rows,
        bare=True,
        notes=[t("file-more-columns", n=more) if more > 0 else ""],
    )
    draw([block], key="etl-file-preview", t=t)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
