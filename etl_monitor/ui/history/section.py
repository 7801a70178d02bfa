"""Below the monitor: which jobs ran when, and how much ended. Asked for, not live."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pandas as pd
import streamlit as st

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n import Texts
from etl_monitor.ui.history import charts, rows
from etl_monitor.ui.live.test_kinds import kind_names
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.markdown import plain
from etl_monitor.ui.widgets.query_params import segments
from etl_monitor.wire.history import History

PERIODS = {"1h": 1, "6h": 6, "24h": 24, "7d": 7 * 24}  # hours
_UNLESS_CHOSEN = "24h"
_WAYS: Sequence[rows.By] = ("worker", "kind")
_LOOKS = ("charts", "table")
_LISTED = 100  # jobs in the table
_FRESH_FOR = 30  # seconds


def history_section() -> None:
    """Closed until somebody opens it: then it costs a question and a few charts."""
    words = session.texts()
    section = st.expander(
        words("history-heading"),
        icon=":material/timeline:",
        key="history",
        on_change="rerun",
        bind="query-params",
    )
    if section.open:
        with section:
            _history(words)


def _history(words: Texts) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = segments(
            "history-period",
            words("history-period"),
            list(PERIODS),
            lambda one: words(f"history-period-{one}"),
            default=_UNLESS_CHOSEN,
        )
        shown_as = segments(
            "history-as",
            words("history-as"),
            _LOOKS,
            lambda one: words(f"history-as-{one}"),
            default="charts",
        )
        if st.button(words("history-refresh"), icon=":material/refresh:"):
            _ask.clear()
    base_url = session.job_table().monitoring.client.base_url
    try:
        history: History = _ask(base_url, PERIODS[period])
    except NotFound:
        st.info(words("history-lacking"), icon=":material/history_toggle_off:")
        return
    except EtlMonitorError as error:
        st.warning(problem_text(error, words), icon=":material/cloud_off:")
        return
    st.caption(words("history-as-of", time=plain(words.date_time(history.until))))
    _shown(history, shown_as, words)


@st.cache_data(ttl=_FRESH_FOR, max_entries=16, show_spinner=False)
def _ask(base_url: str, hours: int) -> History:
    """For all sessions: what one asked for a moment ago, the next need not ask again."""
    since = datetime.now(UTC) - timedelta(hours=hours)
    return session.job_table().monitoring.client.history(since=since)


def _shown(history: History, shown_as: str, words: Texts) -> None:
    if not history.spans and not history.buckets:
        st.info(words("history-empty"), icon=":material/hourglass_empty:")
    elif shown_as == "table":
        _tables(history, words)
    else:
        _throughput(history, words)
        _timeline(history, words)


def _throughput(history: History, words: Texts) -> None:
    st.markdown(f"**{rows.each(history, words)}**")
    buckets = rows.throughput_rows(history, words)
    columns = st.columns(len(rows.COUNTED))
    for column, (name, total) in zip(columns, rows.totals(history).items(), strict=True):
        heading = rows.heading(name, words)
        column.metric(heading, words.number(total))
        if total:
            chart = charts.throughput(buckets, name, history, words, heading=heading)
            told = words("history-throughput-alt", what=heading, n=total)
            column.altair_chart(chart, width="stretch", alt=told)


def _timeline(history: History, words: Texts) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{words('history-timeline')}**", width="stretch")
        by: rows.By = segments(
            "history-by",
            words("history-by"),
            _WAYS,
            lambda one: words(f"history-by-{one}"),
            default="worker",
        )
    if not history.spans:
        st.caption(words("history-none"))
        return
    placed = rows.bars(history, by, kind_names(words))
    st.markdown(f":small[{charts.legend(words)}]")
    st.altair_chart(
        charts.timeline(placed, history, words),
        width="stretch",
        alt=words("history-timeline-alt", n=len(placed)),
    )
    _capped(len(placed), history, words)


def _tables(history: History, words: Texts) -> None:
    st.markdown(f"**{rows.each(history, words)}**")
    _table(rows.throughput_table(history, words), words)
    st.markdown(f"**{words('history-timeline')}**")
    _table(rows.job_table(history, words).head(_LISTED), words)
    _capped(min(_LISTED, len(history.spans)), history, words)


def _table(data: pd.DataFrame, words: Texts) -> None:
    """As wide as it must be, and no higher than a screen: it scrolls by itself."""
    if data.empty:
        st.caption(words("history-none"))
    else:
        st.table(data, hide_index=True, width="content", height=min(400, 60 + 40 * len(data)))


def _capped(shown: int, history: History, words: Texts) -> None:
    if shown < history.spans_total:
        st.caption(words("history-capped", shown=shown, total=history.spans_total))
