"""The colours of the job statuses for charts, from the reader's theme."""

from collections.abc import Mapping

import streamlit as st

from etl_monitor.wire.job import JobStatus

_NAMES = {
    JobStatus.PENDING: "gray",
    JobStatus.RUNNING: "blue",
    JobStatus.COMPLETED: "green",
    JobStatus.FAILED: "red",
    JobStatus.CANCELLED: "yellow",
    JobStatus.UNKNOWN: "gray",
}
# For pages with another theme: legible on white and on black.
_DEFAULTS = {
    "gray": "#7b8594",
    "blue": "#3b82c4",
    "green": "#2f9e6e",
    "red": "#d9534a",
    "yellow": "#a98307",
}


def colour_name(status: JobStatus) -> str:
    """Return the colour's name in Markdown, as in `:green[done]`."""
    return _NAMES[status]


def state_colours() -> Mapping[JobStatus, str]:
    return {
        status: _option(f"{name}TextColor") or _DEFAULTS[name] for status, name in _NAMES.items()
    }


def background() -> str:
    return _option("backgroundColor") or ("#0e1117" if _kind() == "dark" else "#ffffff")


def _option(name: str) -> str | None:
    value: str | None = st.get_option(f"theme.{_kind()}.{name}") or st.get_option(f"theme.{name}")
    return value


def _kind() -> str:
    return st.context.theme.type or "light"
