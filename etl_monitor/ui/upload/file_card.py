"""The chosen file: its name, size and format, with its first rows."""

from collections.abc import Callable

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.upload.file_check import FileCheck
from etl_monitor.ui.widgets import report
from etl_monitor.ui.widgets.table import Row, Table, cell, column

_COLUMNS_SHOWN = 8
_LONGEST_CELL = 24  # characters


def file_card(check: FileCheck, t: Translator, *, on_replace: Callable[[], None]) -> None:
    """`on_replace`: called when the person wants to choose another file."""
    with st.container(border=True):
        name, button = st.columns([3, 2], vertical_alignment="center")
        with name:
            st.text(check.name)
        with button.container(horizontal=True, horizontal_alignment="right"):
            st.button(t("upload-another"), icon=":material/swap_horiz:", on_click=on_replace)
        st.caption(" · ".join(_facts(check, t)))
        if check.is_misnamed:
            st.caption(t("file-misnamed", format=check.format))
        if check.first_rows:
            _first_rows(check, t)


def _facts(check: FileCheck, t: Translator) -> list[str]:
    facts = [_size(check.size, t)]
    if check.format:
        facts.append(" ".join(part for part in (check.format, check.encoding) if part))
    if check.rows is not None:
        key = "file-rows-about" if check.is_estimate else "file-rows"
        facts.append(t(key, n=check.rows))
    if check.columns:
        facts.append(t("file-columns", n=len(check.columns)))
    return facts


def _size(size: int, t: Translator) -> str:
    if size < 1000:
        return t("file-size-bytes", n=size)
    if size < 1_000_000:
        return t("file-size-kb", n=t.number(round(size / 1000)))
    return t("file-size-mb", n=t.number(size / 1_000_000, 1))


def _first_rows(check: FileCheck, t: Translator) -> None:
    shown = check.columns[:_COLUMNS_SHOWN]
    rows = [
        Row(id=str(n), cells=[cell(_shortened(value)) for value in row[: len(shown)]])
        for n, row in enumerate(check.first_rows, start=1)
    ]
    more = len(check.columns) - len(shown)
    preview = Table(
        label=t("file-preview"),
        columns=[column(_shortened(name), sortable=False) for name in shown],
        rows=rows,
        notes=[t("file-more-columns", n=more)] if more > 0 else [],
    )
    report.draw([report.table(preview)], key="etl-file-preview", t=t)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"
