"""Score distributions, and the items of a keyed test by difficulty and discrimination."""

from collections.abc import Mapping, Sequence
from typing import Any

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.report import Block, share, ticks, ticks_of
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
_NEAR_X, _NEAR_Y = 12.0, 6.0  # per cent: nearer labels of items would lie on each other


def score_charts(statistics: Statistics, t: Translator) -> Block | None:
    """One histogram for each scale, with the 5th, 50th and 95th percentile marked."""
    charts = [_histogram(one, t) for one in statistics.scales if one.histogram.counts]
    if not charts:
        return None
    # All leave the same room for the marks' names: those side by side stand on one line.
    band = max(mark["above"] for chart in charts for mark in [{"above": 0}, *chart["marks"]])
    return {"type": "histograms", "charts": [chart | {"band": band} for chart in charts]}


def item_chart(statistics: Statistics, t: Translator) -> Block | None:
    """Each item of a keyed test: the further right, the easier; the higher, the sharper."""
    items = [i for i in statistics.items if i.difficulty is not None]
    items = [i for i in items if i.discrimination is not None]
    if not items:
        return None
    low = min(0.0, *(i.discrimination or 0.0 for i in items))
    low = min([*ticks(low - 0.1, 0.0, 3), 0.0]) if low < 0 else 0.0
    return {
        "type": "scatter",
        "title": t("item-chart"),
        "summary": t("item-chart-summary", n=len(items), weak=sum(bool(i.flags) for i in items)),
        "note": t("item-chart-note"),
        "xTitle": t("axis-difficulty"),
        "yTitle": t("column-discrimination"),
        "x": [{"at": at, "text": t.percent(at / 100)} for at in (0, 20, 40, 60, 80, 100)],
        "y": ticks_of(low, 1.0, t),
        "height": 18,
        "limits": _limits(low),
        "dots": _dots(items, low, t),
    }


def _histogram(scale: ScaleStatistics, t: Translator) -> dict[str, Any]:
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
        "marks": _marks(scale, t),
        "bars": [
            {
                "from": share(first, low, high),
                "to": share(last, low, high),
                "high": round(100 * n / top, 3),
                "title": _bin_text(scale, first, last, n, t),
            }
            for first, last, n in zip(edges, edges[1:], counts, strict=False)
        ],
    }


def _facts(scale: ScaleStatistics, t: Translator) -> str:
    sd = "–" if scale.sd is None else t.number(scale.sd, 1)
    return t("scale-facts", mean=t.number(scale.mean, 1), sd=sd)


def _summary(scale: ScaleStatistics, t: Translator) -> str:
    name = t.pick(scale.names, scale.key)
    marked = [
        t("percentile-score", p=p, score=score) for p, score in _marked_scores(scale, t).items()
    ]
    return t("scale-summary", scale=name, facts=_facts(scale, t), percentiles=", ".join(marked))


def _bin_text(scale: ScaleStatistics, first: float, last: float, n: int, t: Translator) -> str:
    """Where every score is a whole number, a bar of one score bears its name."""
    is_one = last - first == 1 and first != int(first)
    scores = _score((first + last) / 2, t) if is_one else _range(first, last, t)
    return t("bar-text", scores=scores, n=n)


def _range(first: float, last: float, t: Translator) -> str:
    return t("score-range", first=_score(first, t), last=_score(last, t))


def _score(value: float, t: Translator) -> str:
    return t.number(value, 0 if value == int(value) else 1)


def _marked_scores(scale: ScaleStatistics, t: Translator) -> dict[str, str]:
    """By percentile; all with a decimal place, or none."""
    marked = {p: scale.percentiles[p] for p in _MARKED if p in scale.percentiles}
    digits = 0 if all(round(score, 1) == round(score) for score in marked.values()) else 1
    return {p: t.number(score, digits) for p, score in marked.items()}


def _marks(scale: ScaleStatistics, t: Translator) -> list[dict[str, Any]]:
    """Percentiles with their names above the bars, in as many rows as keep them apart."""
    edges = scale.histogram.edges
    taken: list[float] = []  # per row: where its last label ends
    marks = []
    for p, score in _marked_scores(scale, t).items():
        at = share(scale.percentiles[p], edges[0], edges[-1])
        begin = _label_begin(at)
        row = next((n for n, end in enumerate(taken) if end <= begin), len(taken))
        taken[row : row + 1] = [begin + _LABEL_WIDTH]
        text = t("percentile-short", p=p, score=score)
        marks.append(
            {"at": at, "above": (row + 1) * _LABEL_HEIGHT, "text": text, "side": _side(at)}
        )
    return marks


def _side(at: float) -> str:
    if at < _LABEL_WIDTH / 2:
        return "right"
    return "left" if at > 100 - _LABEL_WIDTH / 2 else "middle"


def _label_begin(at: float) -> float:
    return {"right": at, "left": at - _LABEL_WIDTH, "middle": at - _LABEL_WIDTH / 2}[_side(at)]


def _limits(low: float) -> list[dict[str, float | None]]:
    """Beyond these an item is flagged."""
    return [
        {"x": 100 * TOO_HARD, "y": None},
        {"x": 100 * TOO_EASY, "y": None},
        {"x": None, "y": share(LOW_DISCRIMINATION, low, 1.0)},
    ]


def _dots(items: Sequence[ItemStatistics], low: float, t: Translator) -> list[dict[str, Any]]:
    dots: list[dict[str, Any]] = []
    for item in sorted(items, key=lambda i: not i.flags):
        x = round(100 * (item.difficulty or 0.0), 3)
        y = share(item.discrimination or 0.0, low, 1.0)
        named = bool(item.flags) and not any(_is_near(x, y, dot) for dot in dots)
        side = "left" if x > 85 else "right"
        dots.append(
            {
                "x": x,
                "y": y,
                "weak": bool(item.flags),
                "title": _dot_text(item, t),
                "text": item.key if named else "",
                "side": side,
            }
        )
    return dots


def _is_near(x: float, y: float, dot: Mapping[str, Any]) -> bool:
    return bool(dot["text"]) and abs(x - dot["x"]) < _NEAR_X and abs(y - dot["y"]) < _NEAR_Y


def _dot_text(item: ItemStatistics, t: Translator) -> str:
    return t(
        "item-dot",
        item=item.key,
        difficulty=t.percent(item.difficulty or 0.0),
        discrimination=t.number(item.discrimination or 0.0, 2),
    )
