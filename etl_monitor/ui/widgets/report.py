"""Figures that stand still, as the browser gets them: all texts ready, all positions computed.

A report is a list of blocks. It is a component of its own beside the live one (`live/bus.py`), so
that updates do not send it again.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from typing import Literal, TypedDict

from streamlit.components.v2.types import ComponentRenderer

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.component import component
from etl_monitor.ui.widgets.scripts import script, style
from etl_monitor.ui.widgets.table import Table, Tick


class TitleBlock(TypedDict):
    type: Literal["title"]
    text: str
    note: str


class Count(TypedDict):
    name: str
    text: str


class CountsBlock(TypedDict):
    """A few numbers that come before everything else."""

    type: Literal["counts"]
    counts: Sequence[Count]
    note: str


class TableBlock(TypedDict):
    type: Literal["table"]
    table: Table


class Bar(TypedDict):
    """A bar of a histogram, in per cent of its plot."""

    left: float
    width: float
    height: float
    title: str


class Mark(TypedDict):
    """A percentile. `at` in per cent; `above`: how far its label stands above the plot, in rem;
    `side`: left, middle or right of the line."""

    at: float
    above: float
    text: str
    side: str


class Histogram(TypedDict):
    """`height` and `band` (the room for labels above the plot) in rem."""

    title: str
    facts: str
    summary: str
    xTitle: str
    yTitle: str
    x: Sequence[Tick]
    y: Sequence[Tick]
    height: float
    band: float
    marks: Sequence[Mark]
    bars: Sequence[Bar]


class HistogramsBlock(TypedDict):
    type: Literal["histograms"]
    charts: Sequence[Histogram]


class Limit(TypedDict):
    """A line across a plot at a value of one axis, `x` or `y`; `at` in per cent."""

    axis: str
    at: float


class Dot(TypedDict):
    """`x` and `y` in per cent. `text`: a label on its `side`, left or right; may be empty."""

    x: float
    y: float
    weak: bool
    title: str
    text: str
    side: str


class ScatterBlock(TypedDict):
    type: Literal["scatter"]
    title: str
    summary: str
    note: str
    xTitle: str
    yTitle: str
    x: Sequence[Tick]
    y: Sequence[Tick]
    height: float
    limits: Sequence[Limit]
    dots: Sequence[Dot]


class NamedTable(TypedDict):
    name: str
    table: Table


class GroupsBlock(TypedDict):
    """Tables of which one is shown, chosen in the page."""

    type: Literal["groups"]
    label: str
    scales: Sequence[NamedTable]


Block = TitleBlock | CountsBlock | TableBlock | HistogramsBlock | ScatterBlock | GroupsBlock


class ReportPayload(TypedDict):
    language: str
    blocks: Sequence[Block]


def draw(blocks: Sequence[Block | None], *, key: str, t: Translator) -> None:
    """Draw these blocks here, one below the other. None: a block that has nothing to show."""
    shown = [block for block in blocks if block is not None]
    if shown:
        _renderer()(key=key, data=ReportPayload(language=t.language, blocks=shown))


def title(text: str, note: str = "") -> TitleBlock:
    return {"type": "title", "text": text, "note": note}


def counts(named: Mapping[str, str], note: str = "") -> CountsBlock:
    listed = [Count(name=name, text=text) for name, text in named.items()]
    return {"type": "counts", "counts": listed, "note": note}


def table(of: Table) -> TableBlock:
    return {"type": "table", "table": of}


def share(value: float, low: float, high: float) -> float:
    """Return the position of `value` between `low` and `high`, in per cent."""
    return round(100 * (value - low) / (high - low), 3) if high > low else 50.0


def ticks(low: float, high: float, count: int = 5) -> tuple[float, ...]:
    """Return about `count` round numbers from `low` to `high`."""
    if high <= low:
        return (low,)
    step = _round_step((high - low) / count)
    return tuple(round(n * step, 10) for n in range(ceil(low / step), floor(high / step) + 1))


def ticks_of(
    low: float, high: float, t: Translator, count: int = 5, *, whole: bool = False
) -> list[Tick]:
    """Return ticks with their positions and labels. `whole`: only whole numbers, for counts."""
    values = [value for value in ticks(low, high, count) if not whole or value == int(value)]
    digits = next((n for n in (0, 1, 2) if all(round(value, n) == value for value in values)), 3)
    return [Tick(at=share(value, low, high), text=t.number(value, digits)) for value in values]


def _round_step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return float(next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough * 0.999))


def _renderer() -> ComponentRenderer:
    css = style("shared.css", "table.css", "report.css")
    return component("report", js=script("report.js"), css=css)
