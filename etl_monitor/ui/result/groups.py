"""Groups compared: each one's mean on a scale, its spread, its distance from everybody's mean."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.report import GroupsBlock, NamedTable, share, ticks_of
from etl_monitor.ui.widgets.table import Cell, Part, Plot, Row, Table, cell, column, number
from etl_monitor.wire.statistics import GroupScore, ScaleStatistics, Statistics

_AT_FIRST = 15  # groups
_FEW = 10  # respondents: a mean of fewer is mostly chance


def group_comparison(statistics: Statistics, t: Translator) -> GroupsBlock | None:
    """One scale at a time, chosen in the page; the highest mean first."""
    scales = [scale for scale in statistics.scales if len(scale.groups) > 1]
    if not scales:
        return None
    named = [(t.pick(scale.names, scale.key), scale) for scale in scales]
    tables = [NamedTable(name=name, table=_table(name, scale, t)) for name, scale in named]
    return {"type": "groups", "label": t("column-scale"), "scales": tables}


def _table(name: str, scale: ScaleStatistics, t: Translator) -> Table:
    groups = sorted(scale.groups, key=lambda group: -group.mean)
    plot = column(t("column-mean-and-sd"), sortable=False)
    plot["ticks"] = ticks_of(scale.lowest, scale.highest, t, 4)
    columns = [
        column(t("axis-group")),
        column(t("column-n"), numeric=True),
        column(t("column-mean"), numeric=True),
        plot,
        column(t("column-difference"), numeric=True),
        column(t("column-sd"), numeric=True),
    ]
    few = any(group.n < _FEW for group in groups)
    return Table(
        label=t("groups-of-scale", scale=name),
        columns=columns,
        rows=[_row(group, scale, t) for group in groups],
        limit=_AT_FIRST,
        more=t("show-all", n=len(groups)),
        notes=[t("groups-explained"), *([t("groups-few", n=_FEW)] if few else [])],
    )


def _row(group: GroupScore, scale: ScaleStatistics, t: Translator) -> Row:
    cells = [
        cell(group.group),
        number(group.n, t),
        number(group.mean, t, 2),
        [Part(text="", plot=_plot(group, scale))],
        _difference(group, scale, t),
        number(group.sd, t, 2),
    ]
    return Row(id=group.group, cells=cells, faint=group.n < _FEW)


def _plot(group: GroupScore, scale: ScaleStatistics) -> Plot:
    def at(score: float) -> float:
        return min(100.0, max(0.0, share(score, scale.lowest, scale.highest)))

    spread = group.sd
    return {
        "at": at(group.mean),
        "all": None if scale.mean is None else at(scale.mean),
        "low": None if spread is None else at(group.mean - spread),
        "high": None if spread is None else at(group.mean + spread),
    }


def _difference(group: GroupScore, scale: ScaleStatistics, t: Translator) -> Cell:
    """From everybody's mean, in standard deviations of everybody."""
    if not scale.sd or scale.mean is None:
        return number(None, t)
    distance = (group.mean - scale.mean) / scale.sd
    sign = "+" if round(distance, 2) > 0 else "−" if round(distance, 2) < 0 else "±"
    return cell(f"{sign}{t.number(abs(distance), 2)}", distance)
