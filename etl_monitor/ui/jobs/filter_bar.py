"""The monitor's inputs: search text, person, period and order.

All are in the page's address, as are the chips and the page of finished jobs, whose controls are in
the live view.
"""

from dataclasses import dataclass

import streamlit as st

from etl_monitor.client.filters import JobSort
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import script_run
from etl_monitor.ui.jobs.filter import (
    PERIODS,
    PREFIX,
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
from etl_monitor.ui.widgets.query_params import (
    Choice,
    Parameter,
    SearchText,
    read_page,
    value_without_input,
)
from etl_monitor.wire.search import without_open_fields

JOB = "job"  # in the address: the job that is open


@dataclass(frozen=True, kw_only=True)
class MonitorInputs:
    """The parameters of one monitor: their names in the address and the keys of their inputs begin
    with its `prefix`, so that a page can have several monitors."""

    prefix: str = PREFIX

    @property
    def page(self) -> str:
        return f"{self.prefix}-page"

    @property
    def text(self) -> SearchText:
        return SearchText(name=f"{self.prefix}-q", resets=(self.page,))

    @property
    def statuses(self) -> Parameter:
        return Parameter(name=f"{self.prefix}-status", resets=(self.page,))

    @property
    def person(self) -> Parameter:
        return Parameter(name=f"{self.prefix}-person", resets=(self.page,))

    @property
    def period(self) -> Choice[str]:
        return Choice(name=f"{self.prefix}-period", options=("", *PERIODS), resets=(self.page,))

    @property
    def sort(self) -> Choice[JobSort]:
        return Choice(name=f"{self.prefix}-sort", options=SORTS, resets=(self.page,))


def filter_bar(inputs: MonitorInputs) -> MonitorFilter:
    """Return the filter of the inputs. The statuses and the page go to the session's job table.
    Within a form, which takes no inputs that act at once, there are none."""
    t, choices = session.translator(), session.job_table().monitor(inputs.prefix)
    choices.statuses = parse_statuses(value_without_input(inputs.statuses.name))
    read_page(inputs.page, choices.finished)
    if script_run.in_form():
        return MonitorFilter()
    key = "etl-filters" if inputs.prefix == PREFIX else f"etl-filters-{inputs.prefix}"
    with st.container(horizontal=True, vertical_alignment="bottom", key=key):
        text = search_box(inputs.text, t("search-jobs"), t("search-jobs-hint"))
        with filters_popover((inputs.person, inputs.period), t):
            job_filter = _filter_of(inputs, without_open_fields(text), t)
            is_narrow = job_filter.is_narrow or bool(choices.statuses)
            parameters = (inputs.text, inputs.person, inputs.period, inputs.statuses)
            clear_button(parameters, is_narrow=is_narrow, t=t)
    return job_filter


def _filter_of(inputs: MonitorInputs, text: str, t: Translator) -> MonitorFilter:
    return MonitorFilter(
        text=text,
        steps=steps_named(text, t),
        errors=errors_named(text, t),
        person=combobox(
            inputs.person,
            t("filter-person"),
            session.render_context().snapshot.people,
            empty=t("person-any"),
        ),
        period=select(
            inputs.period,
            t("filter-period"),
            lambda period: t(f"period-{period}") if period else t("period-any"),
        ),
        sort=select(inputs.sort, t("sort"), lambda sort: t(f"sort-{sort}")),
    )
