"""The statistics of scales and items as tables."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.result.interpretation import alpha_text, flag_texts, weakness
from etl_monitor.ui.result.scores import score_range
from etl_monitor.ui.widgets.report import TableBlock, table
from etl_monitor.ui.widgets.table import Column, Row, Table, cell, column, number
from etl_monitor.wire.statistics import ItemStatistics, ScaleStatistics, Statistics

_ITEMS_AT_FIRST = 60
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


def scale_table(statistics: Statistics, t: Translator) -> TableBlock | None:
    """Means, spread and percentiles of each scale."""
    if not statistics.scales:
        return None
    percentiles = list(dict.fromkeys(p for s in statistics.scales for p in s.percentiles))
    columns = [
        column(t("column-scale")),
        *(_numeric(t(f"column-{name}")) for name in _SCALE_FIGURES),
        *(_numeric(t("percentile", n=p)) for p in percentiles),
        _numeric(t("column-range")),
    ]
    rows = [_scale_row(scale, percentiles, t) for scale in statistics.scales]
    return table(
        Table(
            label=t("scales-heading"),
            captioned=True,
            columns=columns,
            rows=rows,
            notes=[t("percentiles-explained")],
        )
    )


def reliability_table(statistics: Statistics, t: Translator) -> TableBlock | None:
    """Cronbach's alpha of each scale, with what it is good enough for."""
    if not statistics.scales:
        return None
    columns = [
        column(t("column-scale")),
        _numeric(t("column-items")),
        _numeric(t("column-alpha")),
        column(t("column-meaning"), sortable=False),
    ]
    rows = [_reliability_row(scale, t) for scale in statistics.scales]
    return table(
        Table(
            label=t("reliability-heading"),
            captioned=True,
            columns=columns,
            rows=rows,
            notes=[t("alpha-explained"), t("alpha-source")],
        )
    )


def item_table(statistics: Statistics, t: Translator) -> TableBlock | None:
    """Every item, flagged ones first. A figure that no item has is left out."""
    if not statistics.items:
        return None
    names = {scale.key: t.pick(scale.names, scale.key) for scale in statistics.scales}
    figures = [name for name in _ITEM_FIGURES if _is_known(name, statistics)]
    columns = [
        column(t("column-item")),
        column(t("column-scale")),
        column(t("column-flags")),
        *(_numeric(t(f"column-{name.replace('_', '-')}")) for name in figures),
    ]
    ordered = sorted(statistics.items, key=weakness)
    rows = [_item_row(item, names, figures, t) for item in ordered]
    flagged = sum(bool(item.flags) for item in ordered)
    return table(
        Table(
            label=t("items-heading", n=len(rows), weak=flagged),
            captioned=True,
            columns=columns,
            rows=rows,
            limit=_ITEMS_AT_FIRST,
            more=t("show-all", n=len(rows)),
            notes=[t("flags-explained"), t("flags-source")],
        )
    )


def _numeric(text: str) -> Column:
    return column(text, numeric=True)


def _scale_row(scale: ScaleStatistics, percentiles: list[str], t: Translator) -> Row:
    cells = [
        cell(t.pick(scale.names, scale.key)),
        number(scale.n, t),
        number(scale.mean, t, 2),
        number(scale.sd, t, 2),
        *(number(scale.percentiles.get(p), t, 1) for p in percentiles),
        cell(score_range(scale.lowest, scale.highest, t), scale.highest),
    ]
    return Row(id=scale.key, cells=cells)


def _reliability_row(scale: ScaleStatistics, t: Translator) -> Row:
    meaning, tone = alpha_text(scale.alpha, t)
    cells = [
        cell(t.pick(scale.names, scale.key)),
        number(len(scale.items), t),
        number(scale.alpha, t, 2),
        cell(meaning, tone=tone),
    ]
    return Row(id=scale.key, cells=cells)


def _item_row(
    item: ItemStatistics, names: dict[str, str], figures: list[str], t: Translator
) -> Row:
    flags = flag_texts(item, t)
    flagged = cell(
        ", ".join(name for name, _meaning in flags) or t("flag-none"),
        len(flags),
        tone="poor" if flags else "none",
        notes=[meaning for _name, meaning in flags if meaning],
    )
    cells = [
        cell(item.key),
        cell(names.get(item.scale, item.scale)),
        flagged,
        *(number(getattr(item, name), t, _ITEM_FIGURES[name]) for name in figures),
    ]
    return Row(id=item.key, cells=cells)


def _is_known(name: str, statistics: Statistics) -> bool:
    return any(getattr(item, name) is not None for item in statistics.items)
