"""The monitor's inputs: what to look for, whose, since when, in which order. All in the address, as
are the chips and the page of finished jobs, which the live view has."""

from collections.abc import Collection, Mapping

import streamlit as st

from etl_monitor.i18n import Texts
from etl_monitor.ui.jobs.filter import (
    PERIODS,
    SORTS,
    JobFilter,
    errors_called,
    statuses_of,
    steps_called,
)
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.people import known_people
from etl_monitor.ui.widgets.query_params import choice, chosen_so_far, held, open_choice, take_page
from etl_monitor.ui.widgets.search import clear_button, filters_popover, search_box

STATUSES, PAGE = "job-status", "job-page"  # in the address
_TEXT = "job-q"
_HIDDEN: Mapping[str, Collection[str] | None] = {"job-person": None, "job-period": PERIODS}


def filter_bar() -> JobFilter:
    """The filter as the inputs have it. The statuses and the page are in the session's table."""
    words, table = session.texts(), session.job_table()
    table.chosen_statuses = statuses_of(held(STATUSES))
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-filters"):
        text = search_box(_TEXT, words("search-jobs"), words("search-jobs-hint"))
        with filters_popover(chosen_so_far(_HIDDEN), words):
            wanted = _choices(text, words)
            is_narrow = wanted.is_narrow or bool(table.chosen_statuses)
            clear_button(_TEXT, *_HIDDEN, STATUSES, is_narrow=is_narrow, words=words)
    take_page(PAGE, table.finished, (wanted, table.chosen_statuses))
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
