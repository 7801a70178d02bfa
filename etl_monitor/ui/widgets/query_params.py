"""Values in the page's address, so that a link shows the same list in any language.

`Parameter` describes one value: its name, its options, its default. The input that shows it is in
`filters`. Streamlit's own `bind` would write an option's translated label into the address.

What the address and the session say may differ: after the browser's Back button, or because a slow
browser sends a choice together with the address from before the previous choice. In the first case
the address wins, in the second the session.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import ref

import streamlit as st

from etl_monitor.portal import addresses, push
from etl_monitor.ui.session import state as session
from etl_monitor.ui.session.pagination import Pagination

Option = TypeVar("Option", bound=str)

MAX_LENGTH = 200  # characters of a text, as the service accepts it
_PAGE_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A text of up to MAX_LENGTH characters; empty, it is left out of the address.

    `resets`: the parameters that a new value removes, because another filter starts at its first
    page.
    """

    name: str
    resets: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The key of the input in the session."""
        return f"etl-{self.name}"

    @property
    def default(self) -> str:
        return ""

    def parse(self, value: str) -> str:
        return value.strip()[:MAX_LENGTH]


@dataclass(frozen=True, kw_only=True)
class SearchText(Parameter):
    """A text that Streamlit itself binds to the address: the key of its input is the name."""

    @property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter, Generic[Option]):
    """One of `options`. The default is the first one, unless `otherwise` names another."""

    options: Sequence[Option]
    otherwise: Option | None = None

    @property
    def default(self) -> Option:
        return self.options[0] if self.otherwise is None else self.otherwise

    def parse(self, value: str) -> Option:
        """Return the default for a value that is no option."""
        return next((option for option in self.options if option == value), self.default)


def current_value(parameter: Parameter) -> str:
    """Return the value, also before this run has drawn its input."""
    value = st.query_params.get(parameter.name, "")
    if not _was_navigated(parameter.name):
        value = session.input_value(parameter.key, value)
    return parameter.parse(value)


def value_without_input(name: str) -> str:
    """Return the value of a parameter that has no input."""
    value: str = st.query_params.get(name, "")
    if _session_wins():
        value = _written().get(name, value)
    write(name, value)
    return value


def number_without_input(name: str, digits: int) -> int:
    """Return a whole number of at most so many digits; 0 if the address has none."""
    value = value_without_input(name)
    is_number = value.isascii() and value.isdigit() and len(value) <= digits
    return int(value) if is_number else 0


def write(name: str, value: str) -> None:
    """Put `value` into the address; an empty one removes the parameter.

    An unchanged value is not sent again: that would undo the Back button if the browser has gone
    back meanwhile. Another app's address is its own: there the session alone has the value.
    """
    _written()[name] = value
    if not addresses.has_pages() or value == st.query_params.get(name, ""):
        return
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def write_choice(name: str, value: str, resets: Sequence[str] = ()) -> None:
    """Put a person's choice into the address, and remove the parameters that it resets. For a
    callback: it runs before the page does."""
    prefer_session()
    write(name, value)
    reset(resets)


def reset(names: Sequence[str]) -> None:
    """Remove these parameters. The callback of every input that has some."""
    prefer_session()
    for name in names:
        write(name, "")


def clear(parameters: Sequence[Parameter]) -> None:
    """Take these choices back. For a callback."""
    for parameter in parameters:
        session.set_inputs("", parameter.key)
        if isinstance(parameter, SearchText):
            reset(parameter.resets)
        else:
            write_choice(parameter.name, "", parameter.resets)


def read_page(name: str, paging: Pagination) -> None:
    """Turn to the page that the address names. The address counts from 1, `paging` from 0."""
    paging.page = max(0, number_without_input(name, _PAGE_DIGITS) - 1)


def write_page(name: str, paging: Pagination) -> None:
    """Put the shown page into the address; the first one is left out."""
    write(name, str(paging.page + 1) if paging.page else "")


def turn_page(name: str, paging: Pagination, direction: str) -> None:
    """Go one page on, `newer` or `older`. For a callback."""
    prefer_session()
    paging.turn(direction)
    write_page(name, paging)


def prefer_session() -> None:
    """Let the session's values win in this run. For the callback of any choice: the address that
    came with it may be older than the previous choice."""
    run = push.current_run()
    if run is not None:
        _preferring()["run"] = ref(run)


def follow_address(parameter: Parameter, value: str) -> bool:
    """Give the input `value` if the browser went to another address, by its Back button or by a
    link. Return True if so."""
    was_navigated = _was_navigated(parameter.name)
    if was_navigated:
        session.set_inputs(value, parameter.key)
    return was_navigated


def _was_navigated(name: str) -> bool:
    """The address says something else than what was written into it last."""
    value = st.query_params.get(name, "")
    return _written().get(name, value) != value and not _session_wins()


def _session_wins() -> bool:
    if not addresses.has_pages():
        return True
    run = push.current_run()
    return run is not None and run is _preferring().get("run", lambda: None)()


def _preferring() -> dict[str, Callable[[], object | None]]:
    return session.session_value("session preferred", dict)


def _written() -> dict[str, str]:
    return session.session_value("address", dict)
