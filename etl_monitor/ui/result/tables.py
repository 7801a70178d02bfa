"""The statistics of scales and items as tables."""

from typing import Any

from etl_monitor.i18n import Texts
from etl_monitor.ui.result.interpretation import alpha_text, flag_texts, weakness
from etl_monitor.ui.widgets.report import Block, cell, column, number, table
from etl_monitor.wire.statistics import ItemStatistics, ScaleStatistics, Statistics


def scale_table(statistics: Statistics, texts: Texts) -> Block | None:
    """Means, spread and percentiles of each scale."""
    if not statistics.scales:
        return None
    percentiles = list(dict.fromkeys(p for s in statistics.scales for p in s.percentiles))
    columns = [
        column(texts("column-scale")),
        *(_numeric(texts(f"column-{name}")) for name in _SCALE_FIGURES),
        *(_numeric(texts("percentile", n=p)) for p in percentiles),
        _numeric(texts("column-range")),
    ]
    rows = [_scale_row(scale, percentiles, texts) for scale in statistics.scales]
    return table(texts("scales-heading"), columns, rows, notes=[texts("percentiles-explained")])


def reliability_table(statistics: Statistics, texts: Texts) -> Block | None:
    """Cronbach's alpha with what it is good enough for."""
    if not statistics.scales:
        return None
    columns = [
        column(texts("column-scale")),
        _numeric(texts("column-items")),
        _numeric(texts("column-alpha")),
        column(texts("column-meaning"), fixed=True),
    ]
    rows = [_reliability_row(scale, texts) for scale in statistics.scales]
    return table(
        texts("reliability-heading"),
        columns,
        rows,
        notes=[texts("alpha-explained"), texts("alpha-source")],
    )


def item_table(statistics: Statistics, texts: Texts) -> Block | None:
    """Every item, those to look at first. Columns that no item has a figure for are left out."""
    if not statistics.items:
        return None
    names = {scale.key: texts.pick(scale.names, scale.key) for scale in statistics.scales}
    figures = [name for name in _ITEM_FIGURES if _is_known(name, statistics)]
    columns = [
        column(texts("column-item")),
        column(texts("column-scale")),
        column(texts("column-flags"), fixed=False),
        *(_numeric(texts(f"column-{name.replace('_', '-')}")) for name in figures),
    ]
    ordered = sorted(statistics.items, key=weakness)
    rows = [_item_row(item, names, figures, texts) for item in ordered]
    return table(
        texts("items-heading", n=len(rows), weak=sum(bool(item.flags) for item in ordered)),
        columns,
        rows,
        limit=60,
        more=texts("show-all", n=len(rows)),
        notes=[texts("flags-explained"), texts("flags-source")],
    )


_SCALE_FIGURES = ("n", "mean", "sd")
_ITEM_FIGURES = {  # digits
    "difficulty": 2,
    "discrimination": 2,
    "item_total": 2,
    "mean": 2,
    "sd": 2,
    "missing": 0,
    "n": 0,
}


def _numeric(text: str) -> dict[str, Any]:
    return column(text, numeric=True)


def _scale_row(scale: ScaleStatistics, percentiles: list[str], texts: Texts) -> dict[str, Any]:
    low, high = (_plain_score(value, texts) for value in (scale.lowest, scale.highest))
    cells = [
        cell(texts.pick(scale.names, scale.key)),
        number(scale.n, texts),
        number(scale.mean, texts, 2),
        number(scale.sd, texts, 2),
        *(number(scale.percentiles.get(p), texts, 1) for p in percentiles),
        cell(texts("score-range", first=low, last=high), scale.highest),
    ]
    return {"key": scale.key, "cells": cells}


def _reliability_row(scale: ScaleStatistics, texts: Texts) -> dict[str, Any]:
    meaning, tone = alpha_text(scale.alpha, texts)
    cells = [
        cell(texts.pick(scale.names, scale.key)),
        number(len(scale.items), texts),
        number(scale.alpha, texts, 2),
        cell(meaning, tone=tone),
    ]
    return {"key": scale.key, "cells": cells}


def _item_row(
    item: ItemStatistics, names: dict[str, str], figures: list[str], texts: Texts
) -> dict[str, Any]:
    flags = flag_texts(item, texts)
    looked_at = cell(
        ", ".join(name for name, _meaning in flags) or texts("flag-none"),
        len(flags),
        tone="poor" if flags else "none",
        notes=[meaning for _name, meaning in flags if meaning],
    )
    cells = [
        cell(item.key),
        cell(names.get(item.scale, item.scale)),
        looked_at,
        *(number(getattr(item, name), texts, _ITEM_FIGURES[name]) for name in figures),
    ]
    return {"key": item.key, "cells": cells}


def _is_known(name: str, statistics: Statistics) -> bool:
    return any(getattr(item, name) is not None for item in statistics.items)


def _plain_score(value: float, texts: Texts) -> str:
    return texts.number(value, 0 if value == int(value) else 1)
