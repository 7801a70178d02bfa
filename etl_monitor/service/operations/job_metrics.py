"""Histograms of the durations of jobs and steps, from the event log: whichever engine ran them."""

from collections.abc import Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import Connection, select

from etl_monitor.service.jobs.lifecycle import CANCELLED, COMPLETED, FAILED
from etl_monitor.service.storage.tables import events, job_steps, jobs

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, float("inf"))
_PAGE = 500


class JobMetrics:
    """Counts the jobs that ended after the position `after` of the event log.

    Events that are pruned between two calls of `catch_up` are not counted.
    """

    def __init__(self, registry: CollectorRegistry, *, after: int) -> None:
        self._position = after
        self._ended = Counter(
            "etl_monitor_jobs_ended",
            "Jobs that ended, by outcome and error code.",
            ["outcome", "code"],
            registry=registry,
        )
        self._waited = _histogram(
            registry,
            "etl_monitor_job_wait_seconds",
            "From creation until a worker claimed the job.",
            [],
        )
        self._ran = _histogram(
            registry, "etl_monitor_job_duration_seconds", "From start to end.", ["outcome"]
        )
        self._step = _histogram(
            registry,
            "etl_monitor_job_step_duration_seconds",
            "How long a step of a job ran.",
            ["step", "outcome"],
        )

    def catch_up(self, tx: Connection) -> None:
        ends = events.c.name.in_((COMPLETED, FAILED, CANCELLED))
        query = select(events.c.position, events.c.job_id).order_by(events.c.position).limit(_PAGE)
        while rows := tx.execute(query.where(ends, events.c.position > self._position)).all():
            ids = [row.job_id for row in rows]
            self._count_jobs(tx, ids)
            self._count_steps(tx, ids)
            self._position = rows[-1].position

    def _count_jobs(self, tx: Connection, ids: Sequence[str]) -> None:
        for job in tx.execute(select(jobs).where(jobs.c.job_id.in_(ids))):
            self._ended.labels(job.status, job.error_code or "").inc()
            if _are_times(job.created_at, job.started_at, job.finished_at):
                self._waited.observe(_seconds(job.created_at, job.started_at))
                self._ran.labels(job.status).observe(_seconds(job.started_at, job.finished_at))

    def _count_steps(self, tx: Connection, ids: Sequence[str]) -> None:
        ran = job_steps.c.started_at.is_not(None) & job_steps.c.finished_at.is_not(None)
        for step in tx.execute(select(job_steps).where(job_steps.c.job_id.in_(ids), ran)):
            if _are_times(step.started_at, step.finished_at):
                seconds = _seconds(step.started_at, step.finished_at)
                self._step.labels(step.name, step.status).observe(seconds)


def _histogram(
    registry: CollectorRegistry, name: str, help_text: str, labels: Sequence[str]
) -> Histogram:
    return Histogram(name, help_text, labels, registry=registry, buckets=_SECONDS)


def _are_times(*values: object) -> bool:
    """Return False if one is missing or cannot be read."""
    return all(isinstance(value, datetime) for value in values)


def _seconds(begin: datetime, end: datetime) -> float:
    """Return the duration, at least 0 even if the clock was set back in between."""
    return max(0.0, (end - begin).total_seconds())
