"""A page of another app that is made of nested blocks, with parts of ours at any place in them.

A page is a tree: a string names a part, a pair a block and what is in it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from itertools import count
from typing import Any

import streamlit as st

import etl_monitor as em
from etl_monitor.wire.job import Job


def _job() -> Job:
    return em.use_etl_monitoring().snapshot().running[0]


PARTS: dict[str, Callable[[], None]] = {
    "line": lambda: em.job_status(_job()),
    "card": lambda: em.job_status(_job(), compact=False),
    "by id": lambda: em.job_status(_job().job_id),
    "nothing": lambda: em.job_status(None),
    "monitor": em.progress_monitor,
}

_names = count(1)  # of blocks: they may differ from run to run


def _sidebar(_name: str) -> AbstractContextManager[Any]:
    return st.sidebar


def _draw_all(children: list[Any], in_form: bool) -> None:
    for child in children:
        draw(child, in_form)


def _draw_within(
    open_block: Callable[[str], AbstractContextManager[Any]], children: list[Any], in_form: bool
) -> None:
    with open_block(f"block {next(_names)}"):
        _draw_all(children, in_form)


def _draw_form(children: list[Any], in_form: bool) -> None:
    """Streamlit has no form in a form."""
    if in_form:
        return _draw_all(children, in_form)
    name = f"form {next(_names)}"
    with st.form(name):
        _draw_all(children, in_form=True)
        st.form_submit_button(name)
    return None


def _draw_beside(
    open_blocks: Callable[[int], list[Any]], children: list[Any], in_form: bool
) -> None:
    blocks = open_blocks(len(children)) if children else []
    for block, child in zip(blocks, children, strict=True):
        with block:
            draw(child, in_form)


def _tabs(number: int) -> list[Any]:
    return list(st.tabs([f"tab {index}" for index in range(number)]))


def _draw_fragment(children: list[Any], in_form: bool) -> None:
    st.fragment(_draw_all)(children, in_form)


BLOCKS: dict[str, Callable[[list[Any], bool], None]] = {
    "container": partial(_draw_within, lambda _name: st.container()),
    "expander": partial(_draw_within, st.expander),
    "popover": partial(_draw_within, st.popover),
    "sidebar": partial(_draw_within, _sidebar),
    "form": _draw_form,
    "columns": partial(_draw_beside, lambda number: list(st.columns(number))),
    "tabs": partial(_draw_beside, _tabs),
    "fragment": _draw_fragment,
}


def draw(node: Any, in_form: bool = False) -> None:
    """Draw a part, or a block and what is in it."""
    if isinstance(node, str):
        PARTS[node]()
    else:
        kind, children = node
        BLOCKS[kind](children, in_form)
