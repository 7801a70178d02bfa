"""The monitor's inputs: search text, person, period and order.

All are in the page's address, as are the chips and the page of finished jobs, whose controls are in
the live view.
"""

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.filter import (
    PERIODS,
    SORTS,
    MonitorFilter,
    errors_named,
    parse_statuses,
    steps_named,
)
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.filters import (
    clear_button,
    combobox,
    filters_popover,
    search_box,
    select,
)
from etl_monitor.ui.widgets.people import known_people
from etl_monitor.ui.widgets.query_params import (
    Choice,
    Parameter,
    SearchText,
    read_page,
    value_without_input,
)

PAGE = "job-page"  # in the address
STATUSES = Parameter(name="job-status", resets=(PAGE,))
_TEXT = SearchText(name="job-q", resets=(PAGE,))
_PERSON = Parameter(name="job-person", resets=(PAGE,))
_PERIOD = Choice(name="job-period", options=("", *PERIODS), resets=(PAGE,))
_SORT = Choice(name="job-sort", options=SORTS, resets=(PAGE,))


def filter_bar() -> MonitorFilter:
    """Return the filter of the inputs. The statuses and the page go to the session's job table."""
    t, table = session.translator(), session.job_table()
    table.chosen_statuses = parse_statuses(value_without_input(STATUSES.name))
    read_page(PAGE, table.finished)
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-filters"):
        text = search_box(_TEXT, t("search-jobs"), t("search-jobs-hint"))
        with filters_popover((_PERSON, _PERIOD), t):
            job_filter = _inputs(text, t)
            is_narrow = job_filter.is_narrow or bool(table.chosen_statuses)
            clear_button((_TEXT, _PERSON, _PERIOD, STATUSES), is_narrow=is_narrow, t=t)
    return job_filter


def _inputs(text: str, t: Translator) -> MonitorFilter:
    return MonitorFilter(
        text=text,
        steps=steps_named(text, t),
        errors=errors_named(text, t),
        person=combobox(
            _PERSON,
            t("filter-person"),
            known_people(session.render_context().snapshot),
            empty=t("person-any"),
        ),
        period=select(
            _PERIOD,
            t("filter-period"),
            lambda period: t(f"period-{period}") if period else t("period-any"),
        ),
        sort=select(_SORT, t("sort"), lambda sort: t(f"sort-{sort}")),
    )
