from etl_monitor.feed.metrics import FeedMetrics
from tests.support.metric_values import values_by_label


def test_each_follower_has_counters_of_its_own() -> None:
    first, second = FeedMetrics(), FeedMetrics()
    first.count_event("job_progress")
    assert values_by_label(first.events) == {("job_progress",): 1}
    assert values_by_label(second.events) == {}


def test_reasons_beyond_the_bound_are_counted_as_other() -> None:
    metrics = FeedMetrics()
    for n in range(1000):
        metrics.count_break(f"http_{n}")
    metrics.count_break("http_0")
    metrics.count_reconnect("http_999")
    values = values_by_label(metrics.breaks)
    assert len(values) <= 201
    assert (values[("http_0",)], values[("other",)]) == (2, 800)
    assert values_by_label(metrics.reconnects) == {("other",): 1}
