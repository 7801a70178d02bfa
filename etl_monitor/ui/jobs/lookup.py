"""A job of which a page knows the id alone."""

import time
from functools import partial

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job

_A_MOMENT = 5.0  # seconds for which "nobody knows" holds, and "the service does not answer"

_told: QueryCache[Job | None] = QueryCache()


def job_of_id(job_id: str, ctx: RenderContext) -> Job | None:
    """As the store knows it, else as the service does. None where neither can tell. One that is
    over is asked for once: it stays as it is."""
    known = ctx.snapshot.jobs.get(job_id)
    if known is not None:
        return known
    client = ctx.monitoring.client
    last = _told.last((client.base_url, job_id))
    if last is not None and last.value is not None and last.value.status.is_final:
        return last.value
    mark = (ctx.snapshot.status_version, int(time.monotonic() / _A_MOMENT))
    return _told((client.base_url, job_id), mark, partial(_ask, client, job_id))


def _ask(client: EtlClient, job_id: str) -> Job | None:
    try:
        return client.job(job_id)
    except EtlMonitorError:
        return None
