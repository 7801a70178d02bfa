"""Score distributions, and the items of a keyed test by difficulty and discrimination."""

from collections.abc import Mapping, Sequence
from typing import Any

from etl_monitor.i18n import Texts
from etl_monitor.ui.result.interpretation import LOW_DISCRIMINATION, TOO_EASY, TOO_HARD
from etl_monitor.ui.widgets.report import Block, share, ticks, ticks_of
from etl_monitor.wire.statistics import ItemStatistics, ScaleStatistics, Statistics

_MARKED = ("5", "50", "95")  # percentiles
_LABEL_WIDTH = 28.0  # per cent of a narrow plot that a percentile's label takes
_LABEL_HEIGHT = 1.25  # rem
_NEAR_X, _NEAR_Y = 12.0, 6.0  # per cent: nearer labels of items would lie on each other


def score_charts(statistics: Statistics, texts: Texts) -> Block | None:
    """One histogram for each scale, with the 5th, 50th and 95th percentile marked."""
    charts = [_histogram(one, texts) for one in statistics.scales if one.histogram.counts]
    if not charts:
        return None
    # All leave the same room for the marks' names: those side by side stand on one line.
    band = max(mark["above"] for chart in charts for mark in [{"above": 0}, *chart["marks"]])
    return {"type": "histograms", "charts": [chart | {"band": band} for chart in charts]}


def item_chart(statistics: Statistics, texts: Texts) -> Block | None:
    """Each item of a keyed test: the further right, the easier; the higher, the sharper."""
    items = [i for i in statistics.items if i.difficulty is not None]
    items = [i for i in items if i.discrimination is not None]
    if not items:
        return None
    low = min(0.0, *(i.discrimination or 0.0 for i in items))
    low = min([*ticks(low - 0.1, 0.0, 3), 0.0]) if low < 0 else 0.0
    return {
        "type": "scatter",
        "title": texts("item-chart"),
        "summary": texts(
            "item-chart-summary", n=len(items), weak=sum(bool(i.flags) for i in items)
        ),
        "note": texts("item-chart-note"),
        "xTitle": texts("axis-difficulty"),
        "yTitle": texts("column-discrimination"),
        "x": [{"at": at, "text": texts.percent(at / 100)} for at in (0, 20, 40, 60, 80, 100)],
        "y": ticks_of(low, 1.0, texts),
        "height": 18,
        "limits": _limits(low),
        "dots": _dots(items, low, texts),
    }


def _histogram(scale: ScaleStatistics, texts: Texts) -> dict[str, Any]:
    edges, counts = scale.histogram.edges, scale.histogram.counts
    low, high = edges[0], edges[-1]
    y_ticks = ticks(0, max(counts) * 1.05, 4)
    top = max(y_ticks[-1], max(counts) * 1.05)
    return {
        "title": texts.pick(scale.names, scale.key),
        "facts": _facts(scale, texts),
        "summary": _summary(scale, texts),
        "xTitle": texts("axis-score"),
        "yTitle": texts("axis-respondents"),
        "x": ticks_of(low, high, texts, 6),
        "y": ticks_of(0, top, texts, 4, whole=True),
        "height": 10,
        "marks": _marks(scale, texts),
        "bars": [
            {
                "from": share(first, low, high),
                "to": share(last, low, high),
                "high": round(100 * n / top, 3),
                "title": _bin_text(scale, first, last, n, texts),
            }
            for first, last, n in zip(edges, edges[1:], counts, strict=False)
        ],
    }


def _facts(scale: ScaleStatistics, texts: Texts) -> str:
    sd = "–" if scale.sd is None else texts.number(scale.sd, 1)
    return texts("scale-facts", mean=texts.number(scale.mean, 1), sd=sd)


def _summary(scale: ScaleStatistics, texts: Texts) -> str:
    name = texts.pick(scale.names, scale.key)
    known = [
        texts("percentile-score", p=p, score=score)
        for p, score in _marked_scores(scale, texts).items()
    ]
    return texts("scale-summary", scale=name, facts=_facts(scale, texts), known=", ".join(known))


def _bin_text(scale: ScaleStatistics, first: float, last: float, n: int, texts: Texts) -> str:
    """Where every score is a whole number, a bar of one score bears its name."""
    is_one = last - first == 1 and first != int(first)
    scores = _score((first + last) / 2, texts) if is_one else _range(first, last, texts)
    return texts("bar-text", scores=scores, n=n)


def _range(first: float, last: float, texts: Texts) -> str:
    return texts("score-range", first=_score(first, texts), last=_score(last, texts))


def _score(value: float, texts: Texts) -> str:
    return texts.number(value, 0 if value == int(value) else 1)


def _marked_scores(scale: ScaleStatistics, texts: Texts) -> dict[str, str]:
    """By percentile; all with a decimal place, or none."""
    marked = {p: scale.percentiles[p] for p in _MARKED if p in scale.percentiles}
    digits = 0 if all(round(score, 1) == round(score) for score in marked.values()) else 1
    return {p: texts.number(score, digits) for p, score in marked.items()}


def _marks(scale: ScaleStatistics, texts: Texts) -> list[dict[str, Any]]:
    """Percentiles with their names above the bars, in as many rows as keep them apart."""
    edges = scale.histogram.edges
    taken: list[float] = []  # per row: where its last label ends
    marks = []
    for p, score in _marked_scores(scale, texts).items():
        at = share(scale.percentiles[p], edges[0], edges[-1])
        begin = _label_begin(at)
        row = next((n for n, end in enumerate(taken) if end <= begin), len(taken))
        taken[row : row + 1] = [begin + _LABEL_WIDTH]
        text = texts("percentile-short", p=p, score=score)
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


def _dots(items: Sequence[ItemStatistics], low: float, texts: Texts) -> list[dict[str, Any]]:
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
                "title": _dot_text(item, texts),
                "text": item.key if named else "",
                "side": side,
            }
        )
    return dots


def _is_near(x: float, y: float, dot: Mapping[str, Any]) -> bool:
    return bool(dot["text"]) and abs(x - dot["x"]) < _NEAR_X and abs(y - dot["y"]) < _NEAR_Y


def _dot_text(item: ItemStatistics, texts: Texts) -> str:
    return texts(
        "item-dot",
        item=item.key,
        difficulty=texts.percent(item.difficulty or 0.0),
        discrimination=texts.number(item.discrimination or 0.0, 2),
    )
