"""Flags for items that need a second look. The limits and their sources: `wire/statistics.py`.

too_easy, too_hard    keyed items: share of right answers
low_discrimination    keyed items: upper-lower index D
low_item_total        ratings: corrected item-total correlation
reversed              item-total correlation below 0: probably scored in the wrong direction, or
                      the answer key is wrong
"""

from collections.abc import Iterator

from etl_monitor.wire.statistics import (
    LOW_DISCRIMINATION,
    LOW_ITEM_TOTAL,
    TOO_EASY,
    TOO_HARD,
    ItemFlag,
)


def item_flags(
    *, item_total: float | None, difficulty: float | None, discrimination: float | None
) -> tuple[ItemFlag, ...]:
    """Return the flags of one item. `difficulty` and `discrimination` are None for ratings."""
    return (
        *_difficulty_flags(difficulty),
        *_discrimination_flags(discrimination),
        *_item_total_flags(item_total, is_rating=difficulty is None),
    )


def _difficulty_flags(difficulty: float | None) -> Iterator[ItemFlag]:
    if difficulty is None:
        return
    if difficulty > TOO_EASY:
        yield "too_easy"
    if difficulty < TOO_HARD:
        yield "too_hard"


def _discrimination_flags(discrimination: float | None) -> Iterator[ItemFlag]:
    if discrimination is not None and discrimination < LOW_DISCRIMINATION:
        yield "low_discrimination"


def _item_total_flags(item_total: float | None, *, is_rating: bool) -> Iterator[ItemFlag]:
    if item_total is None:
        return
    if item_total < 0:
        yield "reversed"
    elif is_rating and item_total < LOW_ITEM_TOTAL:
        yield "low_item_total"
