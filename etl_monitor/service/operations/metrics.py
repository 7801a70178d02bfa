"""Metrics for Prometheus."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, select
from sqlalchemy import func as sql
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service.engines.base import Engine
from etl_monitor.service.events import event_log
from etl_monitor.service.feed import Feed
from etl_monitor.service.jobs.counts import count_by_status
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.job_metrics import JobMetrics
from etl_monitor.service.operations.leader import Leader
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.rows import UNREADABLE
from etl_monitor.service.storage.tables import jobs
from etl_monitor.version import VERSION
from etl_monitor.wire.job import JobStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# They double the number of series without a use here.
disable_created_metrics()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The parts of the service that the metrics read."""

    db: Database
    folders: Folders
    engine: Engine
    feed: Feed
    housekeeper: Housekeeper
    leader: Leader


class Metrics:
    """Counts requests as they come, and reads the rest whenever it is scraped."""

    def __init__(self, sources: Sources) -> None:
        self._registry, self._scraping = CollectorRegistry(), threading.Lock()
        self._requests = Counter(
            "etl_monitor_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "etl_monitor_request_duration_seconds",
            "Time until the reply began, by route.",
            ["route"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_State(sources))
        self._registry.register(UNREADABLE)
        self._db = sources.db
        with self._db.reading() as tx:
            self._job_metrics = JobMetrics(self._registry, after=event_log.position(tx))

    def record_request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        with self._scraping:
            with suppress(SQLAlchemyError), self._db.reading() as tx:
                self._job_metrics.catch_up(tx)
            return generate_latest(self._registry)


class _State(Collector):
    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Return nothing, so that registering does not read the database."""
        return iter(())

    def collect(self) -> Iterator[Any]:
        yield _gauges("build_info", "1, with the version.", "version", {VERSION: 1})
        yield from self._own()
        try:
            with self._sources.db.reading() as tx:
                stored = [*self._stored(tx)]
        except SQLAlchemyError:  # `database_up` reports it
            stored = []
        yield _gauge("database_up", "1 if the database can be read.", bool(stored))
        yield from stored

    def _own(self) -> Iterator[Any]:
        workers, disk = (
            self._sources.engine.workers(),
            shutil.disk_usage(self._sources.folders.root),
        )
        alive = sum(worker.alive for worker in workers)
        yield _gauge("workers", "Configured worker processes.", len(workers))
        yield _gauge("workers_alive", "Worker processes that are alive.", alive)
        yield _gauge("feed_subscribers", "Open feeds.", self._sources.feed.subscribers)
        is_leading = self._sources.leader.is_leading
        yield _gauge("leading", "1 if this service does the housekeeping.", is_leading)
        yield _gauge("disk_free_bytes", "Free space on the disk of the data directory.", disk.free)
        removed = CounterMetricFamily(
            "etl_monitor_pruned",
            "Rows and files removed as too old, too many or orphaned, by kind.",
            labels=["what"],
        )
        for kind, count in self._sources.housekeeper.removed.items():
            removed.add_metric([kind], count)
        yield removed

    def _stored(self, tx: Connection) -> Iterator[Any]:
        position, oldest = event_log.position(tx), event_log.oldest(tx)
        counts = count_by_status(tx)
        yield _gauges("jobs", "Jobs by status.", "status", counts)
        yield _gauge("queue_depth", "Jobs that wait for a worker.", counts[JobStatus.PENDING])
        yield _gauge(
            "queue_age_seconds", "Time since the oldest pending job was created.", _queue_age(tx)
        )
        yield _gauge("feed_position", "Position of the newest event.", position)
        yield _gauge("feed_events_kept", "Events that can be replayed.", position - oldest + 1)
        yield _gauge(
            "feed_lag_events",
            "Events not yet sent to the slowest subscriber.",
            max(0, position - self._sources.feed.furthest_behind(position)),
        )
        yield _gauge(
            "database_size_bytes",
            "Size of the database without its write-ahead log.",
            self._sources.db.size(tx),
        )


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"etl_monitor_{name}", help_text, value)


def _gauges(
    name: str, help_text: str, label: str, values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"etl_monitor_{name}", help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family


def _queue_age(tx: Connection) -> float:
    is_pending = jobs.c.status == JobStatus.PENDING
    oldest = tx.execute(select(sql.min(jobs.c.created_at)).where(is_pending)).scalar_one()
    return 0.0 if oldest is None else max(0.0, (now() - oldest).total_seconds())
