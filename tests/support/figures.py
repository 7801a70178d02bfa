"""Statistics as a pipeline writes them, small enough to check by eye."""

from typing import Any

from etl_monitor.wire.statistics import (
    GroupScore,
    Histogram,
    ItemStatistics,
    Respondents,
    ScaleStatistics,
    Statistics,
)


def scale(key: str = "trust", **changed: Any) -> ScaleStatistics:
    fields: dict[str, Any] = {
        "key": key,
        "names": {"ko": "신뢰", "en": "Trust"},
        "items": ("T1", "T2"),
        "keyed": False,
        "lowest": 2,
        "highest": 10,
        "n": 12_000,
        "mean": 6.0,
        "sd": 2.0,
        "alpha": 0.84,
        "percentiles": {"5": 3.0, "25": 5.0, "50": 6.0, "75": 7.0, "95": 9.0},
        "histogram": Histogram(edges=(2.0, 4.0, 6.0, 8.0, 10.0), counts=(1000, 5000, 4500, 1500)),
    }
    return ScaleStatistics(**(fields | changed))


def group(name: str, mean: float, n: int = 100, sd: float | None = 1.0) -> GroupScore:
    return GroupScore(group=name, n=n, mean=mean, sd=sd)


def item(key: str, **changed: Any) -> ItemStatistics:
    fields: dict[str, Any] = {"key": key, "scale": "trust", "n": 12_000, "missing": 0}
    return ItemStatistics(**(fields | changed))


def statistics(*scales: ScaleStatistics, items: tuple[ItemStatistics, ...] = ()) -> Statistics:
    respondents = Respondents(total=12_345, usable=12_000, excluded={"missing": 345})
    return Statistics(respondents=respondents, scales=scales or (scale(),), items=items)
