"""The inputs above the results list: search text, status, kind, person and order."""

from collections.abc import Mapping

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.results.query import SORTS, ResultQuery
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.filters import (
    clear_button,
    combobox,
    filters_popover,
    search_box,
    select,
)
from etl_monitor.ui.widgets.query_params import Choice, Parameter, SearchText
from etl_monitor.wire.result import RESULT_STATUSES
from etl_monitor.wire.search import without_open_fields

PAGE = "page"  # in the address
TEXT = SearchText(name="q", resets=(PAGE,))
_STATUS = Choice(name="status", options=("", *RESULT_STATUSES), resets=(PAGE,))
_PERSON = Parameter(name="person", resets=(PAGE,))
_SORT = Choice(name="sort", options=SORTS, resets=(PAGE,))


def filter_bar(kinds: Mapping[str, str], t: Translator) -> ResultQuery:
    """Return the query of the inputs. `kinds`: test kind → its name."""
    kind = Choice(name="kind", options=("", *kinds), resets=(PAGE,))
    hidden = (_STATUS, kind, _PERSON)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = search_box(TEXT, t("search"), t("search-hint"))
        with filters_popover(hidden, t):
            query = ResultQuery(
                text=without_open_fields(text),
                status=select(
                    _STATUS,
                    t("status"),
                    lambda status: t(f"result-{status}") if status else t("status-any"),
                ),
                kind=select(kind, t("fact-kind"), lambda kind: kinds.get(kind, t("kind-any"))),
                person=combobox(
                    _PERSON,
                    t("filter-person"),
                    session.render_context().snapshot.people,
                    empty=t("person-any"),
                ),
                sort=select(_SORT, t("sort"), lambda sort: t(f"results-by-{sort}")),
            )
            clear_button((TEXT, *hidden), is_narrow=query.is_narrow, t=t)
    return query
