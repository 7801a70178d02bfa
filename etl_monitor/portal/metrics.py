"""The portal's figures, for Prometheus: `/metrics` on its own port.

Everything is read when it is asked for; nothing here slows anything down in between. No text of
anybody's is told, only names of ours and numbers.
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
from etl_monitor.portal import push
from etl_monitor.portal.latency import EVENT_TO_SCREEN
from etl_monitor.store.connection_status import ConnectionState
from etl_monitor.store.snapshot import Snapshot
from etl_monitor.version import VERSION

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# They are a second series for every counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]

_COUNTERS = {
    "duplicates": "Events that were told before.",
    "late": "Events that were older than what was known.",
    "malformed": "Events that could not be read.",
    "gaps": "Times that a position of the feed was skipped.",
    "resyncs": "Lists taken because the feed alone was not enough.",
}


def metrics(_request: Request) -> Response:
    return Response(text(), media_type=CONTENT_TYPE)


def text() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Now())
    registry.register(EVENT_TO_SCREEN)
    registry.register(ProcessCollector(registry=None))
    return generate_latest(registry)


class _Now(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from _portal()
        updates, followed = push.current(), monitoring.current()
        if updates is not None:
            yield _gauge("sessions", "Open pages that show something live.", updates.sessions)
        if followed is not None:
            yield from _feed(followed.follower)
            yield from _store(followed)
            yield from followed.client.calls.collect()


def _portal() -> Iterator[Metric]:
    info = GaugeMetricFamily("etl_monitor_build_info", "1, with the version.", labels=["version"])
    info.add_metric([VERSION], 1)
    yield info
    yield _gauge("threads", "Threads of the portal.", threading.active_count())


def _feed(follower: Follower) -> Iterator[Metric]:
    for counter in (follower.metrics.events, follower.metrics.breaks, follower.metrics.reconnects):
        yield from counter.collect()
    if follower.lag is not None:
        help_text = "What the newest event took to get here, by the clocks of both programs."
        yield _gauge("feed_lag_seconds", help_text, follower.lag)


def _store(followed: Monitoring) -> Iterator[Metric]:
    seen = followed.snapshot()
    for name, help_text in _COUNTERS.items():
        yield _counter(f"feed_{name}", help_text, getattr(seen.counters, name))
    yield _state(seen)
    heard = seen.connection.last_received_at
    if heard is not None:
        silence = max(0.0, (datetime.now(UTC) - heard).total_seconds())
        yield _gauge("feed_silence_seconds", "Since anything came of the feed.", silence)
    if seen.position.isdecimal():
        yield _gauge("followed_position", "Number of the newest event here.", int(seen.position))
    jobs = GaugeMetricFamily("etl_monitor_store_jobs", "Jobs in memory.", labels=["status"])
    for status, count in seen.counts.items():
        jobs.add_metric([status.value], count)
    yield jobs
    yield _gauge("store_bytes", "Memory that these jobs take, about.", followed.store.bytes)


def _state(seen: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        "etl_monitor_feed_connection", "1 for the state of the feed's connection.", labels=["state"]
    )
    for state in ConnectionState:
        family.add_metric([state.value], int(state is seen.connection.state))
    return family


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"etl_monitor_{name}", help_text, value)


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(f"etl_monitor_{name}", help_text, value)
