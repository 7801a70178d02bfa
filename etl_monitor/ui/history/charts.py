"""A timeline of jobs, and charts of how many ended when, in the theme's colours.

A status is a colour and a mark at the end of its bar; a completed job has no mark. The names of the
groups are inside the chart, above their bars, so that they fit however narrow it is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import altair as alt
import pandas as pd

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.history.rows import Bar, groups, timeline_rows
from etl_monitor.ui.widgets.theme import background, colour_name, state_colours
from etl_monitor.wire.history import History
from etl_monitor.wire.job import JobStatus

_LANE = 20  # pixels of height
_AXIS = 62  # pixels of the axis and the margins, which a chart's height includes
_BUCKETS = 75  # pixels of height
_CROSS = "M0-.3L.6-.9.9-.6.3 0 .9.6.6.9 0 .3-.6.9-.9.6-.3 0-.9-.6-.6-.9Z"
_MARKS = {
    JobStatus.RUNNING: ("triangle-right", "▶"),
    JobStatus.FAILED: (_CROSS, "✖"),
    JobStatus.CANCELLED: ("diamond", "◆"),
}
_STATUSES = (JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)
_TOOLTIP = {  # field → key of its title
    "title": "upload-test-title",
    "status_text": "status",
    "started": "fact-started",
    "finished": "fact-finished",
    "took": "history-took",
    "group": "history-group",
}
_CLOCK = "'%H:%M'"
_DAY = {"ko": "'%-m/%-d'", "en": "'%b %-d'"}
_MAX_HOURS = timedelta(hours=36)  # a longer period has days on its axis
_MIN_PERIOD = timedelta(minutes=5)  # of the axis, however short the jobs are
_MAX_SECONDS = timedelta(minutes=10)  # a shorter period has ticks between the minutes


def legend(t: Translator) -> str:
    """Return the meaning of colours and marks as Markdown."""
    return " · ".join(
        f":{colour_name(status)}[■{_MARKS.get(status, ('', ''))[1]}]\N{NO-BREAK SPACE}"
        f"{t(f'status-{status}')}"
        for status in _STATUSES
    )


def timeline(
    placed: Sequence[Bar], history: History, t: Translator
) -> alt.LayerChart | alt.FacetChart:
    """Return a chart with a line for each lane, below the name of its group. A click on a bar opens
    its job."""
    rows = timeline_rows(placed, t)
    names = _lines(groups(placed))
    marked = rows[rows["status"].isin([status.value for status in _MARKS])]
    coloured = _colours(state_colours())
    base = alt.Chart(rows).encode(
        y=alt.Y("row:N", sort=names, scale=alt.Scale(domain=names), title=None, axis=_names()),
        stroke=alt.Stroke("status:N", scale=coloured, legend=None),
        tooltip=_tooltip(t),
        href="href:N",
        description="description:N",
    )
    return alt.layer(
        base.mark_bar(height=12, cornerRadius=2, strokeWidth=1.5).encode(
            x=_time("begin", history, t),
            x2="end:T",
            fill=alt.Fill("status:N", scale=coloured, legend=None),
        ),
        _begins(rows),
        _ends(base, marked),
    ).properties(height=_LANE * len(names) + _AXIS)


def throughput(
    rows: pd.DataFrame, name: str, history: History, t: Translator, *, heading: str
) -> alt.Chart:
    """Return a bar for each bucket: its number of `name`."""
    status = JobStatus.RUNNING if name == "rows" else JobStatus(name)
    most = max(1, int(rows[name].max()))
    chart: alt.Chart = (
        alt.Chart(rows[rows[name] > 0])
        .mark_rect(color=state_colours()[status], stroke="transparent", xOffset=0.5, x2Offset=-0.5)
        .encode(
            x=_time("begin", history, t, ticks=4, until=max(history.until, rows["end"].max())),
            x2="end:T",
            y=alt.Y(
                f"{name}:Q",
                title=None,
                scale=alt.Scale(domain=[0, most], nice=3),
                axis=alt.Axis(tickMinStep=1, tickCount=3, format=",d", aria=False),
            ),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("when:N", title=t("history-begin")),
                alt.Tooltip(f"{name}:Q", title=heading, format=","),
            ],
            description=f"{name}_description:N",
        )
        .properties(height=_BUCKETS + _AXIS)
    )
    return chart


def _begins(rows: pd.DataFrame) -> alt.Chart:
    """A thin gap before each bar, which separates jobs without a pause between them."""
    gaps = alt.Chart(rows).mark_tick(
        color=background(), thickness=1, size=14, xOffset=-1.5, opacity=1, aria=False
    )
    chart: alt.Chart = gaps.encode(x="begin:T", y="row:N", tooltip=alt.value(None))
    return chart


def _ends(base: alt.Chart, marked: pd.DataFrame) -> alt.Chart:
    """The marks, filled with the background so that they are visible on any bar."""
    shape_names = [_MARKS.get(status, ("circle", ""))[0] for status in _STATUSES]
    shapes = alt.Scale(domain=[status.value for status in _STATUSES], range=shape_names)
    ends = base.mark_point(fill=background(), size=70, strokeWidth=1.5, opacity=1, aria=False)
    chart: alt.Chart = ends.encode(
        x="end:T", shape=alt.Shape("status:N", scale=shapes, legend=None)
    ).properties(data=marked)
    return chart


def _lines(lanes: Mapping[str, int]) -> list[str]:
    """Return the chart's lines from above: the group (`0 name`), then its lanes (`1 name`, …)."""
    return [f"{lane} {name}" for name, count in lanes.items() for lane in range(count + 1)]


def _names() -> alt.Axis:
    """The axis with the names of the groups, inside the chart and on lines of their own."""
    name = "substring(datum.value, 0, 2) === '0 ' ? substring(datum.value, 2) : ''"
    return alt.Axis(
        labelExpr=name,
        labelAlign="left",
        labelPadding=-4,
        labelOffset=2,
        labelLimit=300,
        labelFontWeight="bold",
        ticks=False,
        domain=False,
        grid=False,
        zindex=1,
        aria=False,  # Vega describes axes in English; the chart has its own description
    )


def _colours(colours: Mapping[JobStatus, str]) -> alt.Scale:
    return alt.Scale(
        domain=[status.value for status in _STATUSES],
        range=[colours[status] for status in _STATUSES],
    )


def _time(
    name: str, history: History, t: Translator, *, ticks: int = 8, until: datetime | None = None
) -> alt.X:
    """`until`: the end of the axis if it is later than the period, as for the newest bucket."""
    since, until = axis_start(history), until or history.until
    period = until - since
    return alt.X(
        f"{name}:T",
        title=None,
        scale=alt.Scale(domain=[_moment(since), _moment(until)], nice=False),
        axis=alt.Axis(
            labelExpr=f"timeFormat(datum.value, {_tick_format(period, t)})",
            tickCount=min(ticks, 5) if period <= _MAX_SECONDS else ticks,
            labelFlush=True,
            aria=False,
        ),
    )


def _tick_format(period: timedelta, t: Translator) -> str:
    """Return a Vega expression."""
    if period <= _MAX_SECONDS:
        return f"seconds(datum.value) ? '%H:%M:%S' : {_CLOCK}"
    return _CLOCK if period <= _MAX_HOURS else _DAY[t.language]


def axis_start(history: History) -> datetime:
    """Return the start of the time axis: the first job or bucket of the period. A quiet time before
    it would squeeze the rest against the edge."""
    begins = [span.started_at for span in history.spans]
    begins += [bucket.start for bucket in history.buckets]
    first = min(begins, default=history.since)
    return max(history.since, min(first, history.until - _MIN_PERIOD))


def _moment(value: datetime) -> alt.ExprRef:
    """Return milliseconds since 1970 as an expression: Vega warns about anything else."""
    return alt.ExprRef(str(value.timestamp() * 1000))


def _tooltip(t: Translator) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{name}:N", title=t(key)) for name, key in _TOOLTIP.items()]
