"""What is conspicuous about an item, and the limits from the literature.

too_easy            keyed: more than 90 % right     (Crocker & Algina 1986, ch. 5: hardly tells
too_hard            keyed: fewer than 20 % right     people apart; 20 % is chance with five options)
low_discrimination  keyed: D below 0.20             (Ebel & Frisbie 1991, Essentials of Educational
                                                    Measurement, 5th ed., ch. 13: poor items)
low_item_total      rating: below 0.30              (Nunnally & Bernstein 1994, ch. 8)
reversed            item-total below 0: probably keyed the wrong way, or a wrong right answer
"""

from collections.abc import Iterator

TOO_EASY = 0.90
TOO_HARD = 0.20
LOW_DISCRIMINATION = 0.20
LOW_ITEM_TOTAL = 0.30


def flags(
    *, item_total: float | None, difficulty: float | None, discrimination: float | None
) -> tuple[str, ...]:
    """`difficulty` and `discrimination` are None for ratings."""
    return tuple(_flags(item_total, difficulty, discrimination))


def _flags(
    item_total: float | None, difficulty: float | None, discrimination: float | None
) -> Iterator[str]:
    if difficulty is not None and difficulty > TOO_EASY:
        yield "too_easy"
    if difficulty is not None and difficulty < TOO_HARD:
        yield "too_hard"
    if discrimination is not None and discrimination < LOW_DISCRIMINATION:
        yield "low_discrimination"
    if item_total is not None and item_total < 0:
        yield "reversed"
    elif item_total is not None and difficulty is None and item_total < LOW_ITEM_TOTAL:
        yield "low_item_total"
