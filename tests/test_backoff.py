import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.backoff import Backoff

BACKOFF = Backoff(base=0.5, cap=30)


def test_delays_double_up_to_the_cap() -> None:
    assert [BACKOFF.delay(n) for n in range(1, 9)] == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_there_is_no_delay_without_a_failure() -> None:
    assert BACKOFF.delay(0) == 0


def test_a_base_above_the_cap_stays() -> None:
    assert [Backoff(base=300, cap=60).delay(n) for n in (1, 2)] == [300, 300]


@given(st.integers(1, 1_000_000), st.floats(0, 1, exclude_max=True))
def test_jitter_moves_a_delay_by_its_share_at_most(attempt: int, chance: float) -> None:
    exact = BACKOFF.delay(attempt)
    jittered = Backoff(base=0.5, cap=30, jitter=0.2).delay(attempt, lambda: chance)
    assert jittered == pytest.approx(exact * (0.8 + 0.4 * chance))
