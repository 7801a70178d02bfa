"""The portal's metrics, for Prometheus: `/metrics` on its own port.

All values are read at the time of a request. They are numbers, and labels are names from our code:
no text of a user or of the service is included.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import (
    CollectorRegistry,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from etl_monitor import monitoring
from etl_monitor.feed.follower import Follower
from etl_monitor.monitoring import Monitoring
from etl_monitor.portal import live_metrics, push
from etl_monitor.portal.latency import EVENT_TO_SCREEN
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.version import VERSION

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# They would be a second, unused series for every counter.
disable_created_metrics()  # type: ignore[no-untyped-call]

_COUNTERS = {
    "duplicates": "Events that were received before.",
    "late": "Events that were older than the state of their job.",
    "malformed": "Events that could not be read.",
    "gaps": "Skipped positions of the feed.",
    "resyncs": "Lists loaded because the feed alone was not enough.",
}


def metrics(_request: Request) -> Response:
    return Response(text(), media_type=CONTENT_TYPE)


def text() -> bytes:
    registry = CollectorRegistry()
    registry.register(_CurrentValues())
    registry.register(EVENT_TO_SCREEN)
    registry.register(ProcessCollector(registry=None))
    return generate_latest(registry)


class _CurrentValues(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _portal()
        updates, current = push.current(), monitoring.current()
        if updates is not None:
            yield _gauge("sessions", "Open pages that show something live.", updates.sessions)
            for metric in live_metrics.ALL:
                yield from metric.collect()
        if current is not None:
            yield from _feed(current.follower)
            yield from _store(current)
            yield from current.client.calls.collect()


def _portal() -> Iterator[Metric]:
    info = GaugeMetricFamily("etl_monitor_build_info", "1, with the version.", labels=["version"])
    info.add_metric([VERSION], 1)
    yield info
    yield _gauge("threads", "Threads of the portal.", threading.active_count())


def _feed(follower: Follower) -> Iterator[Metric]:
    for counter in (follower.metrics.events, follower.metrics.breaks, follower.metrics.reconnects):
        yield from counter.collect()
    if follower.lag is not None:
        help_text = "Time from the newest event until its arrival, by the clocks of both programs."
        yield _gauge("feed_lag_seconds", help_text, follower.lag)


def _store(current: Monitoring) -> Iterator[Metric]:
    snapshot = current.snapshot()
    for name, help_text in _COUNTERS.items():
        yield _counter(f"feed_{name}", help_text, getattr(snapshot.counters, name))
    yield _state(snapshot)
    received_at = snapshot.connection.last_received_at
    if received_at is not None:
        silence = max(0.0, (datetime.now(UTC) - received_at).total_seconds())
        yield _gauge("feed_silence_seconds", "Time since the feed last sent anything.", silence)
    if snapshot.position.isdecimal():
        yield _gauge(
            "followed_position",
            "Number of the newest event here.",
            int(snapshot.position),
        )
    jobs = GaugeMetricFamily("etl_monitor_store_jobs", "Jobs in memory.", labels=["status"])
    for status, count in snapshot.counts.items():
        jobs.add_metric([status.value], count)
    yield jobs
    yield _gauge("store_bytes", "Approximate memory of these jobs.", current.store.bytes)


def _state(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "etl_monitor_feed_connection", "1 for the state of the feed's connection.", labels=["state"]
    )
    for state in ConnectionState:
        family.add_metric([state.value], int(state is snapshot.connection.state))
    return family


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"etl_monitor_{name}", help_text, value)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(f"etl_monitor_{name}", help_text, value)
