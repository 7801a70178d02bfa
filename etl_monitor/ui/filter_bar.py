"""The monitor's inputs: what to look for, whose, since when, in which order. All in the address, as
are the chips and the page of finished jobs, which the live view has."""

import streamlit as st

from etl_monitor import session
from etl_monitor.i18n import Texts
from etl_monitor.ui.address import (
    choice,
    chosen_so_far,
    forget,
    keep,
    keep_page,
    open_choice,
    page_of,
)
from etl_monitor.ui.job_filter import (
    PERIODS,
    SORTS,
    JobFilter,
    errors_called,
    statuses_of,
    steps_called,
)
from etl_monitor.ui.people import known_people
from etl_monitor.ui.search import filters_popover, search_box

STATUSES, PAGE = "job-status", "job-page"  # in the address
_TEXT, _HIDDEN = "job-q", ("job-person", "job-period")


def filter_bar() -> JobFilter:
    """The filter as the inputs have it. The statuses and the page are in the session's table."""
    words, table = session.texts(), session.job_table()
    table.chosen_statuses = statuses_of(st.query_params.get(STATUSES, ""))
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-filters"):
        text = search_box(_TEXT, words("search-jobs"), words("search-jobs-hint"))
        with filters_popover(chosen_so_far(*_HIDDEN), words):
            wanted = _choices(text, words)
            is_narrow = wanted.is_narrow or bool(table.chosen_statuses)
            st.button(
                words("clear-filters"),
                disabled=not is_narrow,
                on_click=_clear,
                key="etl-clear-jobs",
            )
    _take_page(wanted)
    return wanted


def _choices(text: str, words: Texts) -> JobFilter:
    return JobFilter(
        text=text,
        steps=steps_called(text, words),
        errors=errors_called(text, words),
        person=open_choice(
            "job-person",
            words("filter-person"),
            known_people(session.job_table().look().snapshot),
            otherwise=words("person-any"),
        ),
        period=choice(
            "job-period",
            words("filter-period"),
            ["", *PERIODS],
            lambda one: words(f"period-{one}") if one else words("period-any"),
        ),
        sort=choice("job-sort", words("sort"), SORTS, lambda one: words(f"sort-{one}")),
    )


def _clear() -> None:
    session.enter("", _TEXT)
    forget(*_HIDDEN)
    keep(STATUSES, "")
    keep_page(PAGE, 0)


def _take_page(wanted: JobFilter) -> None:
    """The page that the address names, as by a link or by the browser's way back; another filter
    begins at its first page."""
    table, asked = session.job_table(), page_of(PAGE)
    is_led_there = asked != table.finished_page
    table.filter_is(wanted)
    if is_led_there:
        table.finished_page = asked
    keep_page(PAGE, table.finished_page)
