"""The position of each waiting job, and when it is expected to start."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from etl_monitor.client import JobList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job, JobStatus

_ESTIMATED = 100  # waiting jobs from the front; the service estimates no more
_MAX_AGE = 10.0  # seconds, of the expected starts

_starts: QueryCache[JobList] = QueryCache()


def queue_texts(ctx: RenderContext) -> Mapping[str, str]:
    """Return `Place 3 · starts in about 2 min` for each waiting job. The position is that in the
    store, unless the service says that limits let others start first; it is asked only while jobs
    wait."""
    jobs = ctx.snapshot.running
    waiting = [job.job_id for job in jobs if job.status is JobStatus.PENDING]
    front = _front(ctx) if waiting else {}
    has_places = list(front) == waiting[: len(front)]  # else it is of another moment
    lines = {}
    for number, job_id in enumerate(waiting, start=1):
        job = front.get(job_id)
        position = job.queue_position if job is not None and has_places else None
        lines[job_id] = _text(position or number, job.expected_start if job else None, ctx.t)
    return lines


def _front(ctx: RenderContext) -> Mapping[str, Job]:
    """Return the first waiting jobs as the service lists them, by id and in the queue's order."""
    if not ctx.snapshot.position:  # an older back end estimates nothing
        return {}
    client = ctx.monitoring.client
    fetch = partial(client.jobs, status="pending", sort="queue", limit=_ESTIMATED)
    try:
        listed = _starts.read(
            ctx, client.base_url, ctx.snapshot.status_version, fetch, max_age=_MAX_AGE
        )
    except (EtlMonitorError, NotReady):
        return {}
    return {job.job_id: job for job in listed.jobs}


def _text(position: int, start: datetime | None, t: Translator) -> str:
    text = t("queue-position", n=position)
    if start is None:
        return text
    minutes = round((start - datetime.now(UTC)).total_seconds() / 60)
    when = t("queue-start", minutes=minutes) if minutes >= 1 else t("queue-start-soon")
    return f"{text} · {when}"
