"""The meaning of figures in words: how reliable a scale is, and what an item is flagged for.

The pipeline sets the flags (limits: `wire/statistics.py`); this module only explains them.
"""

from typing import Literal

from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.statistics import ItemFlag, ItemStatistics

Tone = Literal["good", "fair", "poor"]

# Nunnally & Bernstein 1994, Psychometric Theory, 3rd ed., pp. 264-265.
_ALPHA: tuple[tuple[float, str, Tone], ...] = (
    (0.90, "alpha-persons", "good"),
    (0.80, "alpha-groups", "good"),
    (0.70, "alpha-early", "fair"),
)

_WORST_FIRST: tuple[ItemFlag, ...] = (
    "reversed",
    "low_discrimination",
    "low_item_total",
    "too_hard",
    "too_easy",
)


def alpha_text(alpha: float | None, t: Translator) -> tuple[str, Tone | None]:
    """Return what a scale with this reliability can be used for, and the text's tone."""
    if alpha is None:
        return t("alpha-undefined"), None
    for limit, key, tone in _ALPHA:
        if alpha >= limit:
            return t(key), tone
    return t("alpha-low"), "poor"


def flag_texts(item: ItemStatistics, t: Translator) -> list[tuple[str, str]]:
    """Return a name and an explanation for each flag of an item. A flag that the catalogue does
    not have (from a company's own pipeline) is its own name and has no explanation."""
    return [_flag_text(flag, item, t) for flag in item.flags]


def weakness(item: ItemStatistics) -> tuple[int, int, float]:
    """Return a sort key: flagged items first, the most serious flag at the top."""
    ranks = [rank for rank, flag in enumerate(_WORST_FIRST) if flag in item.flags]
    worst = min(ranks, default=len(_WORST_FIRST) - (1 if item.flags else 0))
    separation = item.discrimination if item.discrimination is not None else item.item_total
    return (0 if item.flags else 1, worst, 1.0 if separation is None else separation)


def _flag_text(flag: str, item: ItemStatistics, t: Translator) -> tuple[str, str]:
    name = f"flag-{flag}"
    if not t.has(name):
        return flag, ""
    return t(name), t(f"meaning-{flag}", **_figures(item, t))


def _figures(item: ItemStatistics, t: Translator) -> dict[str, str]:
    return {
        "difficulty": f"{t.number(100 * (item.difficulty or 0.0), 1)}%",
        "discrimination": t.number(item.discrimination or 0.0, 2),
        "r": t.number(item.item_total or 0.0, 2),
    }
