import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl_monitor.feed.reconnect_delay import ReconnectDelay

POLICY = ReconnectDelay(interval=5, max_attempts=5, cap=60)


def no_jitter() -> float:
    return 0.5


def test_delays_double_up_to_the_cap() -> None:
    assert [POLICY.delay(n, no_jitter) for n in range(1, 7)] == [5, 10, 20, 40, 60, 60]


def test_an_interval_above_the_cap_stays() -> None:
    delays = ReconnectDelay(interval=300)
    assert [delays.delay(n, no_jitter) for n in (1, 2)] == [300, 300]


@given(st.integers(1, 1_000_000), st.floats(0, 1, exclude_max=True))
def test_jitter_moves_a_delay_by_a_fifth_at_most(attempt: int, chance: float) -> None:
    exact = POLICY.delay(attempt, no_jitter)
    assert 0.8 * exact <= POLICY.delay(attempt, lambda: chance) <= 1.2 * exact


def test_the_streams_retry_replaces_the_interval() -> None:
    assert [POLICY.delay(n, no_jitter, stream_retry_ms=2000) for n in (1, 2)] == [2, 4]


@pytest.mark.parametrize(
    ("requested_ms", "seconds"), [(0, 0.1), (10**30, 3600.0), (10**400, 3600.0)]
)
def test_the_streams_retry_is_bounded(requested_ms: int, seconds: float) -> None:
    assert POLICY.delay(1, no_jitter, stream_retry_ms=requested_ms) == seconds


def test_retry_after_is_a_lower_bound() -> None:
    assert POLICY.delay(1, no_jitter, retry_after=30) == 30
    assert POLICY.delay(1, no_jitter, retry_after=1) == 5
    assert POLICY.delay(1, no_jitter, retry_after=1e9) == 3600
