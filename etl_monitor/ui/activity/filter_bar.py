"""The inputs above the activity log: search text, action, outcome, period; and its one job."""

from collections.abc import Callable

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.activity.query import ACTIONS, PERIODS, ActivityQuery
from etl_monitor.ui.activity.table import action_text
from etl_monitor.ui.widgets.filters import search_box, select
from etl_monitor.ui.widgets.query_params import (
    Choice,
    Parameter,
    SearchText,
    number_without_input,
    value_without_input,
    write_choice,
)
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import short_id

_BEFORE, _AFTER = "before", "after"  # in the address: ids of entries
_POSITION = (_BEFORE, _AFTER)
_ID_DIGITS = 18
_TEXT = SearchText(name="q", resets=_POSITION)
_ACTION = Choice(name="action", options=("", *ACTIONS), resets=_POSITION)
_OUTCOME = Choice(name="outcome", options=("", *ActivityOutcome), resets=_POSITION)
_PERIOD = Choice(name="period", options=("", *PERIODS), resets=_POSITION)
_SELECTS = (_ACTION, _OUTCOME, _PERIOD)
_JOB = Parameter(name="jobId", resets=_POSITION)
_WIDTH = 165  # pixels of a select box


def filter_bar(t: Translator) -> ActivityQuery:
    """Return the query of the inputs, at the position that the address names."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="etl-activity-filters"):
        text = search_box(_TEXT, t("activity-search"), t("activity-search-hint"))
        action = _select(_ACTION, lambda action: action_text(action, t), t)
        outcome = _select(_OUTCOME, lambda outcome: t(f"activity-{outcome}"), t)
        period = _select(_PERIOD, lambda period: t(f"period-{period}"), t)
    job_id = _JOB.parse(value_without_input(_JOB.name))
    if job_id:
        st.button(
            t("activity-of-job", id=escape_markdown(short_id(job_id))),
            icon=":material/close:",
            on_click=write_choice,
            args=(_JOB.name, "", _JOB.resets),
            help=t("activity-all-jobs"),
        )
    before, after = (number_without_input(name, _ID_DIGITS) or None for name in _POSITION)
    return ActivityQuery(
        q=text,
        action=action,
        outcome=outcome,
        period=period,
        job_id=job_id,
        before=before,
        after=None if before else after,
    )


def show_older_than(entry_id: int) -> None:
    """For a callback."""
    write_choice(_BEFORE, str(entry_id), resets=[_AFTER])


def show_newer_than(entry_id: int) -> None:
    """For a callback."""
    write_choice(_AFTER, str(entry_id), resets=[_BEFORE])


def _select(choice: Choice[str], text_of: Callable[[str], str], t: Translator) -> str:
    return select(
        choice,
        t(f"activity-{choice.name}"),
        lambda option: text_of(option) if option else t(f"activity-any-{choice.name}"),
        label_visibility="collapsed",
        width=_WIDTH,
    )
