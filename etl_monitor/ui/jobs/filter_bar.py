"""The monitor's inputs: what to look for, whose, since when, in which order. All in the address, as
are the chips and the page of finished jobs, which the live view has."""

from collections.abc import Collection, Mapping

import streamlit as st

from etl_monitor.i18n.translator import Translator
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
    t, table = session.translator(), session.job_table()
    table.chosen_statuses = statuses_of(held(STATUSES))
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-filters"):
        text = search_box(_TEXT, t("search-jobs"), t("search-jobs-hint"))
        with filters_popover(chosen_so_far(_HIDDEN), t):
            wanted = _choices(text, t)
            is_narrow = wanted.is_narrow or bool(table.chosen_statuses)
            clear_button(_TEXT, *_HIDDEN, STATUSES, is_narrow=is_narrow, t=t)
    take_page(PAGE, table.finished, (wanted, table.chosen_statuses))
    return wanted


def _choices(text: str, t: Translator) -> JobFilter:
    return JobFilter(
        text=text,
        steps=steps_called(text, t),
        errors=errors_called(text, t),
        person=open_choice(
            "job-person",
            t("filter-person"),
            known_people(session.render_context().snapshot),
            otherwise=t("person-any"),
        ),
        period=choice(
            "job-period",
            t("filter-period"),
            ["", *PERIODS],
            lambda one: t(f"period-{one}") if one else t("period-any"),
        ),
        sort=choice("job-sort", t("sort"), SORTS, lambda one: t(f"sort-{one}")),
    )
