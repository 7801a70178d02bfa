"""From an event to the screen: a browser's report is used if it is plausible."""

import time
from typing import Any

import pytest

from etl_monitor.portal.latency import Latency


def sent(latency: Latency, seconds_ago: float) -> int:
    number = latency.record_sent(time.monotonic() - seconds_ago)
    assert number is not None
    return number


def test_the_delay_is_from_the_change_to_the_painting() -> None:
    latency = Latency()
    number = sent(latency, 5.0)
    latency.record_painted([[number, 2000]])  # painted two seconds ago
    delays = latency.delays
    assert delays is not None
    assert 3.0 <= delays.p50 < 4.0
    assert (delays.p50, delays.count) == (delays.p95, 1)


def test_percentiles_of_many() -> None:
    latency = Latency()
    latency.record_painted([[sent(latency, 1 + n / 100), 0] for n in range(100)])
    delays = latency.delays
    assert delays is not None
    assert 1.4 < delays.p50 < 1.6 < 1.9 < delays.p95 < 2.1
    assert delays.count == 100


def test_an_update_without_a_change_is_not_measured() -> None:
    latency = Latency()
    assert latency.record_sent(None) is None
    assert latency.delays is None


@pytest.mark.parametrize(
    "report",
    [None, {}, "x", [1], [[1]], [["1", 0]], [[1, "0"]], [[1, -5]], [[99, 0]], [[1, 10**9]], [None]],
)
def test_invalid_reports_are_ignored(report: Any) -> None:
    latency = Latency()
    assert sent(latency, 1.0) == 1
    latency.record_painted(report)
    assert latency.delays is None


def test_each_update_counts_once() -> None:
    latency = Latency()
    number = sent(latency, 1.0)
    latency.record_painted([[number, 0], [number, 0]])
    latency.record_painted([[number, 0]])
    assert latency.delays is not None
    assert latency.delays.count == 1


def test_memory_is_bounded_if_a_browser_never_reports() -> None:
    latency = Latency()
    for _ in range(2000):
        sent(latency, 1.0)
    latency.record_painted([[1, 0], [2000, 0]])
    assert latency.delays is not None
    assert latency.delays.count == 1
