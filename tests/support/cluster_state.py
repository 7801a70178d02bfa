"""What the database of a cluster says about its jobs, and whether every table says the same."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

from sqlalchemy import func as sql
from sqlalchemy import select

from etl_monitor.monitoring import Monitoring
from etl_monitor.service.jobs.lifecycle import CANCELLED, COMPLETED, FAILED
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import events, job_log
from etl_monitor.service.storage.tables import jobs as jobs_table
from etl_monitor.wire.job import Job
from tests.support.cluster import Cluster, portal_metric
from tests.support.portal_process import PortalProcess
from tests.support.service_process import RunningService

Value = TypeVar("Value")


def each_worker_holds_a_job(cluster: Cluster) -> None:
    """Each worker's job waits at a gate."""
    running = jobs_table.c.status == "running"
    query = select(jobs_table.c.worker, jobs_table.c.current_step).where(running)
    steps = _read(cluster, lambda tx: dict(tx.execute(query).all()))
    assert list(steps.values()) == ["work"] * len(cluster.workers), steps


def have_ended(cluster: Cluster, tests: Sequence[str], count: int) -> None:
    """At least so many jobs of these tests have ended."""
    ended = jobs_table.c.test_id.in_(tests) & jobs_table.c.finished_at.is_not(None)
    query = select(sql.count()).select_from(jobs_table).where(ended)
    assert _read(cluster, lambda tx: tx.scalar(query)) >= count


def ends(cluster: Cluster) -> Mapping[str, int]:
    """Return how many ends the event log has for each job, read from the database itself."""
    is_end = events.c.name.in_((COMPLETED, FAILED, CANCELLED))
    query = select(events.c.job_id, sql.count()).where(is_end).group_by(events.c.job_id)
    return _read(cluster, lambda tx: {row[0]: row[1] for row in tx.execute(query)})


def runs(cluster: Cluster, tests: Sequence[str]) -> Mapping[str, int]:
    """Return how often the pipeline's first step ran for each test's completed jobs, without runs
    of jobs that went back to the queue."""
    ran = job_log.c.message.startswith("prepare ")
    query = (
        select(jobs_table.c.test_id, sql.count() - sql.max(jobs_table.c.restarts))
        .join(job_log, job_log.c.job_id == jobs_table.c.job_id)
        .where(ran, jobs_table.c.status == "completed", jobs_table.c.test_id.in_(tests))
        .group_by(jobs_table.c.test_id)
    )
    return _read(cluster, lambda tx: {row[0]: row[1] for row in tx.execute(query)})


def _read(cluster: Cluster, read: Callable[[Any], Value]) -> Value:
    with closing(Database(cluster.database_url)) as db, db.reading() as tx:
        return read(tx)


def shows_the_list(monitoring: Monitoring) -> None:
    """The follower's table is the service's, and it received every event once, in order."""
    listed, snapshot = monitoring.client.all_jobs(), monitoring.snapshot()
    assert snapshot.position == listed.position
    assert _table(snapshot.jobs.values()) == _table(listed.jobs)
    counters = snapshot.counters
    assert (counters.gaps, counters.resyncs, counters.malformed) == (0, 0, 0)


def _table(shown: Any) -> dict[str, tuple[object, ...]]:
    return {job.job_id: _state(job) for job in shown}


def _state(job: Job) -> tuple[object, ...]:
    state = (job.status, job.progress, job.current_step, job.rows_done, job.attempt, job.test_id)
    return (*state, job.error_code, job.started_at, job.finished_at, job.updated_at)


def counts_as_the_list(portal: PortalProcess, service: RunningService) -> None:
    """The portal's store has as many jobs of each status as the service, without a gap."""
    counts = service.data("GET", "/etl/jobs/counts")
    name = "etl_monitor_store_jobs"
    assert {status: portal_metric(portal, name, status=status) for status in counts} == counts
    for counter in ("gaps", "resyncs", "malformed"):
        assert portal_metric(portal, f"etl_monitor_feed_{counter}_total") == 0
