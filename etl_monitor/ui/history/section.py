"""The section below the monitor: which jobs ran when, and how many ended. It is not live."""

from datetime import UTC, datetime, timedelta
from functools import partial

import streamlit as st

from etl_monitor.errors import EtlMonitorError, NotFound
from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.history import charts, rows
from etl_monitor.ui.history.tables import job_table, throughput_table
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.live.test_kinds import kind_names
from etl_monitor.ui.session import state as session
from etl_monitor.ui.widgets import report
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.filters import segments
from etl_monitor.ui.widgets.query_params import Choice
from etl_monitor.ui.widgets.table import Table
from etl_monitor.wire.history import History

PERIODS = {"1h": 1, "6h": 6, "24h": 24, "7d": 7 * 24}  # hours
_PERIOD = Choice(name="history-period", options=tuple(PERIODS), otherwise="24h")
_FORM = Choice(name="history-as", options=("charts", "table"))
_GROUPING: Choice[rows.By] = Choice(name="history-by", options=("worker", "kind"))
_MAX_LISTED = 100  # jobs in the table
_MAX_AGE = 30.0  # seconds
_histories: QueryCache[History] = QueryCache()


def history_section() -> None:
    """Draw the section. Closed, it costs no request and no chart."""
    t = session.translator()
    section = st.expander(
        t("history-heading"),
        icon=":material/timeline:",
        key="history",
        on_change="rerun",
        bind="query-params",
    )
    if section.open:
        with section:
            _history(t)


def _history(t: Translator) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        period = segments(
            _PERIOD, t("history-period"), lambda period: t(f"history-period-{period}")
        )
        form = segments(_FORM, t("history-as"), lambda form: t(f"history-as-{form}"))
        is_refresh = st.button(t("history-refresh"), icon=":material/refresh:")
    try:
        history = _current_history(PERIODS[period], 0.0 if is_refresh else _MAX_AGE)
    except NotFound:
        st.info(t("history-lacking"), icon=":material/history_toggle_off:")
        return
    except EtlMonitorError as error:
        st.warning(escape_markdown(problem_text(error, t)), icon=":material/cloud_off:")
        return
    st.caption(t("history-as-of", time=escape_markdown(t.date_time(history.until))))
    _show(history, form, t)


def _current_history(hours: int, max_age: float) -> History:
    """Return the history of the last hours, at most `max_age` seconds old. All sessions share it.

    Raises what the client raises.
    """
    client = session.job_table().monitoring.client
    since = datetime.now(UTC) - timedelta(hours=hours)
    request = partial(client.history, since=since)
    return _histories.get((client.base_url, hours), None, request, max_age=max_age)


def _show(history: History, form: str, t: Translator) -> None:
    if not history.spans and not history.buckets:
        st.info(t("history-empty"), icon=":material/hourglass_empty:")
    elif form == "table":
        _tables(history, t)
    else:
        _throughput(history, t)
        _timeline(history, t)


def _throughput(history: History, t: Translator) -> None:
    st.markdown(f"**{rows.each(history, t)}**")
    buckets = rows.throughput_rows(history, t)
    columns = st.columns(len(rows.COUNTED))
    for column, (name, total) in zip(columns, rows.totals(history).items(), strict=True):
        heading = rows.heading(name, t)
        column.metric(heading, t.number(total))
        if total:
            chart = charts.throughput(buckets, name, history, t, heading=heading)
            description = t("history-throughput-alt", what=heading, n=total)
            column.altair_chart(chart, width="stretch", alt=description)


def _timeline(history: History, t: Translator) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{t('history-timeline')}**", width="stretch")
        by = segments(_GROUPING, t("history-by"), lambda by: t(f"history-by-{by}"))
    if not history.spans:
        st.caption(t("history-none"))
        return
    placed = rows.bars(history, by, kind_names(t))
    st.markdown(f":small[{charts.legend(t)}]")
    st.altair_chart(
        charts.timeline(placed, history, t),
        width="stretch",
        alt=t("history-timeline-alt", n=len(placed)),
    )
    _capped(len(placed), history, t)


def _tables(history: History, t: Translator) -> None:
    st.markdown(f"**{rows.each(history, t)}**")
    _table(throughput_table(history, t), "etl-history-ended", t)
    st.markdown(f"**{t('history-timeline')}**")
    spans = history.spans[:_MAX_LISTED]
    _table(job_table(history, spans, t), "etl-history-jobs", t)
    _capped(len(spans), history, t)


def _table(table: Table, key: str, t: Translator) -> None:
    if table["rows"]:
        report.draw([report.table(table)], key=key, t=t)
    else:
        st.caption(t("history-none"))


def _capped(shown: int, history: History, t: Translator) -> None:
    if shown < history.spans_total:
        st.caption(t("history-capped", shown=shown, total=history.spans_total))
