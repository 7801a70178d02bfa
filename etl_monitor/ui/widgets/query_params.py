"""Choices that stand in the page's address, so that a link shows the same in any language."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar
from weakref import ref

import streamlit as st

from etl_monitor.portal import push
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.pagination import Pagination

Option = TypeVar("Option", bound=str)

_LONGEST = 200  # characters of a name, as the service takes them
_LONGEST_NUMBER = 6  # digits


def choice(name: str, label: str, options: Sequence[Option], t: Callable[[Option], str]) -> Option:
    """A select box whose value is the parameter `name`; the first option is the default, which is
    left out of the address. (Streamlit's own `bind` would write the translated words there.)"""
    asked = st.query_params.get(name)
    shown = next((option for option in options if option == asked), options[0])
    index = 0 if _follows(name, shown) else options.index(shown)
    chosen = st.selectbox(
        label, options, index=index, format_func=t, key=_key(name), on_change=stay
    )
    keep(name, "" if chosen == options[0] else chosen)
    return chosen


def open_choice(name: str, label: str, known: Sequence[str], *, otherwise: str) -> str:
    """The same for a value that may be another than the known ones; `otherwise` says what none
    means. What is typed narrows the known ones down."""
    asked = st.query_params.get(name, "")[:_LONGEST]
    options = list(dict.fromkeys(["", *known, asked]))
    chosen = st.selectbox(
        label,
        options,
        index=0 if _follows(name, asked) else options.index(asked),
        format_func=lambda one: one or otherwise,
        accept_new_options=True,
        key=_key(name),
        on_change=stay,
    )
    value = (chosen or "").strip()[:_LONGEST]
    keep(name, value)
    return value


def segments(
    name: str,
    label: str,
    options: Sequence[Option],
    t: Callable[[Option], str],
    *,
    default: Option,
) -> Option:
    """The same as a row of buttons, for few options."""
    asked = st.query_params.get(name)
    shown = next((option for option in options if option == asked), default)
    pressed = st.segmented_control(
        label,
        options,
        default=None if _follows(name, shown) else shown,
        required=True,
        format_func=t,
        key=_key(name),
        on_change=stay,
    )
    chosen = pressed or shown
    keep(name, "" if chosen == default else chosen)
    return chosen


def chosen_so_far(choices: Mapping[str, Collection[str] | None]) -> int:
    """How many of these choices are made, also before the page draws them. By name: the values that
    there are, as an address may say any; None where each is one."""
    return sum(_is_chosen(_chosen(name), known) for name, known in choices.items())


def _is_chosen(value: str, known: Collection[str] | None) -> bool:
    return value != "" and (known is None or value in known)


def _chosen(name: str) -> str:
    asked: str = st.query_params.get(name, "")
    return asked if _is_led(name) else session.input_value(_key(name), asked)


def forget(*names: str) -> None:
    """Take these choices back; for a callback."""
    session.set_inputs("", *map(_key, names))
    for name in names:
        keep(name, "")


def take_page(name: str, paging: Pagination, question: object) -> None:
    """The page that the address names there, as by a link or by the browser's way back; another
    question begins at its first page."""
    asked = _page_of(name)
    is_led_there = asked != paging.page and not _stays()
    paging.select(question)
    if is_led_there:
        paging.page = asked
    keep_page(name, paging)


def turn_page(name: str, paging: Pagination, way: str) -> None:
    """For a callback."""
    stay()
    paging.turn(way)
    keep_page(name, paging)


def _page_of(name: str) -> int:
    """From 0; an address counts from 1."""
    asked = st.query_params.get(name, "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_NUMBER
    return max(0, int(asked) - 1) if is_number else 0


def keep_page(name: str, paging: Pagination) -> None:
    """The shown page into the address; the first one is left out."""
    keep(name, str(paging.page + 1) if paging.page else "")


def keep(name: str, value: str) -> None:
    """Into the address; nothing is left out of it. What is there already is not told again: that
    would undo the way back, where a browser has gone it meanwhile."""
    _kept()[name] = value
    if value == st.query_params.get(name, ""):
        return
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def held(name: str) -> str:
    """The same for what has no input: what the address says, or what was kept in it last."""
    asked: str = st.query_params.get(name, "")
    value = _kept().get(name, asked) if _stays() else asked
    keep(name, value)
    return value


def stay() -> None:
    """For the callback of any choice: the address that came with it may be older than the choice
    before it, and leads nowhere in this run."""
    run = push.current_run()
    if run is not None:
        _staying()["run"] = ref(run)


def _follows(name: str, value: str) -> bool:
    """Where the address says something else than was kept in it last, by the browser's way back or
    by another link, the input is given what it says."""
    is_led = _is_led(name)
    if is_led:
        session.set_inputs(value, _key(name))
    return is_led


def _is_led(name: str) -> bool:
    asked = st.query_params.get(name, "")
    return _kept().get(name, asked) != asked and not _stays()


def _stays() -> bool:
    run = push.current_run()
    return run is not None and run is _staying().get("run", lambda: None)()


def _staying() -> dict[str, Callable[[], object | None]]:
    return session.session_value("staying", dict)


def _kept() -> dict[str, str]:
    return session.session_value("address", dict)


def _key(name: str) -> str:
    return f"etl-{name}"
