"""The values at which an item is flagged."""

import pytest

from etl_monitor.pipeline.scoring.item_flags import item_flags


@pytest.mark.parametrize(
    ("item_total", "difficulty", "discrimination", "expected"),
    [
        (0.5, 0.6, 0.4, ()),
        (0.5, 0.9, 0.2, ()),  # at the limits: not flagged
        (0.5, 0.2, 0.2, ()),
        (0.5, 0.91, 0.1, ("too_easy", "low_discrimination")),
        (0.5, 0.19, 0.4, ("too_hard",)),
        (-0.1, 0.5, -0.2, ("low_discrimination", "reversed")),
        (0.1, 0.5, 0.4, ()),  # keyed: discrimination is what counts
        (0.3, None, None, ()),
        (0.29, None, None, ("low_item_total",)),
        (-0.01, None, None, ("reversed",)),
        (None, None, None, ()),
    ],
)
def test_limits(
    item_total: float | None,
    difficulty: float | None,
    discrimination: float | None,
    expected: tuple[str, ...],
) -> None:
    flags = item_flags(item_total=item_total, difficulty=difficulty, discrimination=discrimination)
    assert flags == expected
