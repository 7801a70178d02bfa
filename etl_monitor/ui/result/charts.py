"""Score distributions, and the items of a keyed test by difficulty and discrimination."""

from collections.abc import Sequence
from dataclasses import dataclass

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.result.scores import score_range, score_text
from etl_monitor.ui.widgets.report import (
    Bar,
    Dot,
    Histogram,
    HistogramsBlock,
    Limit,
    Mark,
    ScatterBlock,
    share,
    ticks,
    ticks_of,
)
from etl_monitor.ui.widgets.table import NO_VALUE, Tick
from etl_monitor.wire.statistics import (
    LOW_DISCRIMINATION,
    TOO_EASY,
    TOO_HARD,
    ItemStatistics,
    ScaleStatistics,
    Statistics,
)

_MARKED = ("5", "50", "95")  # percentiles
_LABEL_WIDTH = 28.0  # per cent of a narrow plot that a percentile's label takes
_LABEL_HEIGHT = 1.25  # rem
# Per cent of a narrow plot: an item's label, and how far it is from its mark's middle.
_ITEM_LABEL_WIDTH, _ITEM_LABEL_HEIGHT, _ITEM_MARK = 14.0, 5.0, 1.5


def score_charts(statistics: Statistics, t: Translator) -> HistogramsBlock | None:
    """Return a histogram for each scale, with the 5th, 50th and 95th percentile marked."""
    scales = [scale for scale in statistics.scales if scale.histogram.counts]
    if not scales:
        return None
    marks = [_marks(scale, t) for scale in scales]
    # All leave the same room for labels above the bars: charts side by side have one base line.
    band = max((mark["above"] for of_scale in marks for mark in of_scale), default=0.0)
    charts = [_histogram(scale, of, band, t) for scale, of in zip(scales, marks, strict=True)]
    return {"type": "histograms", "charts": charts}


def item_chart(statistics: Statistics, t: Translator) -> ScatterBlock | None:
    """Return each item of a keyed test: difficulty to the right, discrimination upwards."""
    items = [i for i in statistics.items if i.difficulty is not None]
    items = [i for i in items if i.discrimination is not None]
    if not items:
        return None
    weak = sum(bool(i.flags) for i in items)
    low = min(0.0, *(i.discrimination or 0.0 for i in items))
    low = min([*ticks(low - 0.1, 0.0, 3), 0.0]) if low < 0 else 0.0
    return {
        "type": "scatter",
        "title": t("item-chart"),
        "summary": t("item-chart-summary", n=len(items), weak=weak),
        "note": t("item-chart-note", weak=weak),
        "xTitle": t("axis-difficulty"),
        "yTitle": t("column-discrimination"),
        "x": [Tick(at=at, text=t.percent(at / 100)) for at in (0, 20, 40, 60, 80, 100)],
        "y": ticks_of(low, 1.0, t),
        "height": 18,
        "limits": _limits(low),
        "dots": _dots(items, low, t),
    }


def _histogram(
    scale: ScaleStatistics, marks: Sequence[Mark], band: float, t: Translator
) -> Histogram:
    edges, counts = scale.histogram.edges, scale.histogram.counts
    low, high = edges[0], edges[-1]
    y_ticks = ticks(0, max(counts) * 1.05, 4)
    top = max(y_ticks[-1], max(counts) * 1.05)
    return {
        "title": t.pick(scale.names, scale.key),
        "facts": _facts(scale, t),
        "summary": _summary(scale, t),
        "xTitle": t("axis-score"),
        "yTitle": t("axis-respondents"),
        "x": ticks_of(low, high, t, 6),
        "y": ticks_of(0, top, t, 4, whole=True),
        "height": 10,
        "band": band,
        "marks": marks,
        "bars": _bars(scale, top, t),
    }


def _bars(scale: ScaleStatistics, top: float, t: Translator) -> list[Bar]:
    edges, counts = scale.histogram.edges, scale.histogram.counts
    places = [share(edge, edges[0], edges[-1]) for edge in edges]
    return [
        Bar(
            left=places[index],
            width=round(places[index + 1] - places[index], 3),
            height=round(100 * count / top, 3),
            title=_bar_text(edges[index], edges[index + 1], count, t),
        )
        for index, count in enumerate(counts)
    ]


def _facts(scale: ScaleStatistics, t: Translator) -> str:
    mean, sd = (
        NO_VALUE if value is None else t.number(value, 1) for value in (scale.mean, scale.sd)
    )
    return t("scale-facts", mean=mean, sd=sd)


def _summary(scale: ScaleStatistics, t: Translator) -> str:
    name = t.pick(scale.names, scale.key)
    marked = [
        t("percentile-score", p=p, score=score) for p, score in _marked_scores(scale, t).items()
    ]
    return t("scale-summary", scale=name, facts=_facts(scale, t), percentiles=", ".join(marked))


def _bar_text(first: float, last: float, n: int, t: Translator) -> str:
    """Name the scores of a bar; a bar around one whole score is named by it."""
    is_one = last - first == 1 and first != int(first)
    scores = score_text((first + last) / 2, t) if is_one else score_range(first, last, t)
    return t("bar-text", scores=scores, n=n)


def _marked_scores(scale: ScaleStatistics, t: Translator) -> dict[str, str]:
    """By percentile; all with a decimal place, or none."""
    marked = {p: scale.percentiles[p] for p in _MARKED if p in scale.percentiles}
    digits = 0 if all(round(score, 1) == round(score) for score in marked.values()) else 1
    return {p: t.number(score, digits) for p, score in marked.items()}


def _marks(scale: ScaleStatistics, t: Translator) -> list[Mark]:
    """Return percentiles with labels above the bars, in as many rows as keep them apart."""
    edges = scale.histogram.edges
    ends: list[float] = []  # where the last label of each row ends
    marks: list[Mark] = []
    for p, score in _marked_scores(scale, t).items():
        at = share(scale.percentiles[p], edges[0], edges[-1])
        begin = _label_begin(at)
        row = next((n for n, end in enumerate(ends) if end <= begin), len(ends))
        ends[row : row + 1] = [begin + _LABEL_WIDTH]
        text = t("percentile-short", p=p, score=score)
        above = (row + 1) * _LABEL_HEIGHT
        marks.append(Mark(at=at, above=above, text=text, side=_side(at)))
    return marks


def _side(at: float) -> str:
    if at < _LABEL_WIDTH / 2:
        return "right"
    return "left" if at > 100 - _LABEL_WIDTH / 2 else "middle"


def _label_begin(at: float) -> float:
    return {"right": at, "left": at - _LABEL_WIDTH, "middle": at - _LABEL_WIDTH / 2}[_side(at)]


def _limits(low: float) -> list[Limit]:
    """Return the lines beyond which an item is flagged."""
    return [
        Limit(axis="x", at=100 * TOO_HARD),
        Limit(axis="x", at=100 * TOO_EASY),
        Limit(axis="y", at=share(LOW_DISCRIMINATION, low, 1.0)),
    ]


def _dots(items: Sequence[ItemStatistics], low: float, t: Translator) -> list[Dot]:
    """Return a mark for each item; flagged ones have labels, where these do not overlap."""
    ordered = sorted(items, key=lambda i: not i.flags)
    points = [_point(item, low) for item in ordered]
    taken: list[_Label] = []
    dots: list[Dot] = []
    for item, (x, y) in zip(ordered, points, strict=True):
        label = _label(x, y, points, taken) if item.flags else None
        taken += [label] if label else []
        dots.append(
            Dot(
                x=x,
                y=y,
                weak=bool(item.flags),
                title=_dot_text(item, t),
                text=item.key if label else "",
                side=label.side if label else "right",
            )
        )
    return dots


def _point(item: ItemStatistics, low: float) -> tuple[float, float]:
    x = round(100 * (item.difficulty or 0.0), 3)
    return x, share(item.discrimination or 0.0, low, 1.0)


@dataclass(frozen=True, kw_only=True)
class _Label:
    """Where an item's label would be: from `left`, around `y`."""

    left: float
    y: float
    side: str

    @property
    def is_inside(self) -> bool:
        return self.left >= 0 and self.left + _ITEM_LABEL_WIDTH <= 100

    def overlaps(self, other: "_Label") -> bool:
        is_beside = abs(self.left - other.left) >= _ITEM_LABEL_WIDTH
        return not is_beside and abs(self.y - other.y) < _ITEM_LABEL_HEIGHT

    def covers(self, x: float, y: float) -> bool:
        is_within = self.left - _ITEM_MARK < x < self.left + _ITEM_LABEL_WIDTH + _ITEM_MARK
        return is_within and abs(self.y - y) < _ITEM_LABEL_HEIGHT / 2 + _ITEM_MARK


def _label(
    x: float, y: float, points: Sequence[tuple[float, float]], taken: Sequence[_Label]
) -> _Label | None:
    """Return the label on the side with fewer marks, right if both have as many. None if it would
    overlap another label on either side."""
    right = _Label(left=x + _ITEM_MARK, y=y, side="right")
    left = _Label(left=x - _ITEM_MARK - _ITEM_LABEL_WIDTH, y=y, side="left")
    free = [
        label for label in (right, left) if label.is_inside and not any(map(label.overlaps, taken))
    ]
    others = [point for point in points if point != (x, y)]
    return min(free, key=lambda it: sum(it.covers(*point) for point in others), default=None)


def _dot_text(item: ItemStatistics, t: Translator) -> str:
    return t(
        "item-dot",
        item=item.key,
        difficulty=t.percent(item.difficulty or 0.0),
        discrimination=t.number(item.discrimination or 0.0, 2),
    )
