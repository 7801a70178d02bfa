"""The job with a given id, for pages that know nothing else of it."""

from functools import partial

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job

_MAX_AGE = 5.0  # seconds for which an unknown id stays unknown, and an active job as it was

_cache: QueryCache[Job | None] = QueryCache()


def find_job(job_id: str, ctx: RenderContext) -> Job | None:
    """Return the job as the store has it, else as the service does, else None.

    A finished job is requested once, because it does not change any more.
    """
    job = ctx.snapshot.jobs.get(job_id)
    if job is not None:
        return job
    client = ctx.monitoring.client
    key = (client.base_url, job_id)
    last = _cache.last(key)
    if last is not None and last.value is not None and last.value.status.is_final:
        return last.value
    fetch = partial(_fetch, client, job_id)
    return _cache.get(key, ctx.snapshot.status_version, fetch, max_age=_MAX_AGE)


def _fetch(client: EtlClient, job_id: str) -> Job | None:
    try:
        return client.job(job_id)
    except EtlMonitorError:
        return None
