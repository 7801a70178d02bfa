"""Figures for Prometheus."""

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
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.job_metrics import JobMetrics
from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import jobs
from etl_monitor.version import VERSION
from etl_monitor.wire.job import JobStatus

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# They are a second series for every counter, which nobody reads.
disable_created_metrics()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Who is asked for figures."""

    db: Database
    folders: Folders
    engine: Engine
    feed: Feed
    housekeeper: Housekeeper


class Metrics:
    """Counts requests as they come; asks for the rest when it is asked."""

    def __init__(self, sources: Sources) -> None:
        self._registry, self._one_by_one = CollectorRegistry(), threading.Lock()
        self._requests = Counter(
            "etl_monitor_requests",
            "Requests by method, route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "etl_monitor_request_duration_seconds",
            "Until a reply began, by route.",
            ["route"],
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_State(sources))
        self._db = sources.db
        with self._db.reading() as tx:
            self._ended_jobs = JobMetrics(self._registry, after=event_log.position(tx))

    def record_request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        with self._one_by_one:
            with suppress(SQLAlchemyError), self._db.reading() as tx:
                self._ended_jobs.catch_up(tx)
            return generate_latest(self._registry)


class _State(Collector):
    def __init__(self, sources: Sources) -> None:
        self._ask = sources

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing: registering must not read the database."""
        return iter(())

    def collect(self) -> Iterator[Any]:
        yield _by("build_info", "1, with the version.", "version", {VERSION: 1})
        yield from self._own()
        try:
            with self._ask.db.reading() as tx:
                told = [*self._stored(tx)]
        except SQLAlchemyError:  # the other figures tell why
            told = []
        yield _one("database_up", "1: it can be read.", bool(told))
        yield from told

    def _own(self) -> Iterator[Any]:
        workers, disk = self._ask.engine.workers(), shutil.disk_usage(self._ask.folders.root)
        alive = sum(worker.alive for worker in workers)
        yield _one("workers", "Worker processes that there should be.", len(workers))
        yield _one("workers_alive", "Those that are there.", alive)
        yield _one("feed_subscribers", "Open feeds.", self._ask.feed.subscribers)
        yield _one("disk_free_bytes", "Where the data directory is.", disk.free)
        removed = CounterMetricFamily(
            "etl_monitor_pruned",
            "Rows and files that were cleared away, as too old, too many or orphans.",
            labels=["what"],
        )
        for what, count in self._ask.housekeeper.removed.items():
            removed.add_metric([what], count)
        yield removed

    def _stored(self, tx: Connection) -> Iterator[Any]:
        position, oldest = event_log.position(tx), event_log.oldest(tx)
        counts = job_queries.count_by_status(tx)
        yield _by("jobs", "Jobs by status.", "status", counts)
        yield _one("queue_depth", "Jobs that wait for a worker.", counts[JobStatus.PENDING])
        yield _one("queue_age_seconds", "How long the first of them has waited.", _queue_age(tx))
        yield _one("feed_position", "Number of the newest event.", position)
        yield _one("feed_events_kept", "Events that can be replayed.", position - oldest + 1)
        yield _one(
            "feed_lag_events",
            "Events that the subscriber furthest behind has yet to be sent.",
            max(0, position - self._ask.feed.furthest_behind(position)),
        )
        yield _one("database_size_bytes", "Without its write-ahead log.", self._ask.db.size(tx))


def _one(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"etl_monitor_{name}", told, value)


def _by(name: str, told: str, label: str, values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"etl_monitor_{name}", told, labels=[label])
    for one, value in values.items():
        family.add_metric([str(one)], value)
    return family


def _queue_age(tx: Connection) -> float:
    waits = jobs.c.status == JobStatus.PENDING
    since = tx.execute(select(sql.min(jobs.c.created_at)).where(waits)).scalar_one()
    return 0.0 if since is None else max(0.0, (now() - since).total_seconds())
