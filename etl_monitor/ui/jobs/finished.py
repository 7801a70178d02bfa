"""Finished jobs, a page at a time: as the service lists them, else as the store has them."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from etl_monitor.client import JobList
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.jobs.filter import MonitorFilter
from etl_monitor.ui.live.query_cache import NotReady, QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job, JobStatus

PAGE = 20


@dataclass(frozen=True, kw_only=True)
class FinishedPage:
    """`total`: how many jobs there are on all pages. `problem`: why some may be missing."""

    jobs: tuple[Job, ...]
    total: int
    problem: EtlMonitorError | None = None


_pages: QueryCache[JobList] = QueryCache()
_counts: QueryCache[dict[JobStatus, int]] = QueryCache()


def finished_page(job_filter: MonitorFilter, ctx: RenderContext) -> FinishedPage:
    """Return the jobs that the service lists, each as the store has it now; without the service,
    those in the store. The service decides which jobs match: it knows more of them."""
    if not job_filter.final_statuses:
        return FinishedPage(jobs=(), total=0)
    if not ctx.snapshot.position:  # an older back end lists all jobs, whatever the parameters
        return _from_store(job_filter, ctx)
    key, version, fetch = *_query(job_filter, ctx), partial(_fetch_page, job_filter, ctx)
    try:
        listed = _pages.read(ctx, key, version, fetch)
    except NotReady:
        return _from_store(job_filter, ctx)
    except EtlMonitorError as error:
        return _from_store(job_filter, ctx, error)
    if listed.total < _least_total(job_filter, ctx):
        return _from_store(job_filter, ctx)
    newest = (ctx.snapshot.jobs.get(job.job_id, job) for job in listed.jobs)
    jobs = tuple(job for job in newest if job.status.is_final)
    return FinishedPage(jobs=jobs[:PAGE], total=max(listed.total, len(jobs)))


def counts_by_status(job_filter: MonitorFilter, ctx: RenderContext) -> Mapping[JobStatus, int]:
    """Count the matching jobs in each status: active ones in the store, finished ones as the
    service does, because the store has only the newest of them."""
    job_filter = job_filter.of_any_status
    counts = _counts_in_store(job_filter, ctx)
    if not ctx.snapshot.position:  # an older back end counts nothing
        return counts
    key, version, fetch = *_query(job_filter, ctx), partial(_fetch_counts, job_filter, ctx)
    try:
        counted = _counts.read(ctx, key, version, fetch)
    except (EtlMonitorError, NotReady):
        return counts
    return {s: counted.get(s, n) if s.is_final else n for s, n in counts.items()}


def _query(job_filter: MonitorFilter, ctx: RenderContext) -> tuple[Hashable, Hashable]:
    """Return the key and the version of a cached reply."""
    key = (ctx.monitoring.client.base_url, job_filter)
    return key, (ctx.snapshot.status_version, job_filter.since)


def _least_total(job_filter: MonitorFilter, ctx: RenderContext) -> int:
    """Return how many jobs the store has itself; 0 if the filter narrows. A back end that lists
    fewer did not understand the parameters (three statuses at once) or does not count all jobs."""
    counts = ctx.snapshot.counts
    return 0 if job_filter.is_narrow else sum(counts[s] for s in job_filter.final_statuses)


def _counts_in_store(job_filter: MonitorFilter, ctx: RenderContext) -> Mapping[JobStatus, int]:
    if not job_filter.is_narrow:
        return ctx.snapshot.counts
    jobs = ctx.snapshot.jobs.values()
    counted = Counter(job.status for job in jobs if job_filter.matches(job))
    return {status: counted[status] for status in JobStatus}


def _from_store(
    job_filter: MonitorFilter, ctx: RenderContext, error: EtlMonitorError | None = None
) -> FinishedPage:
    jobs = job_filter.select(ctx.snapshot.finished)
    first = job_filter.page * PAGE
    return FinishedPage(jobs=jobs[first : first + PAGE], total=len(jobs), problem=error)


def _fetch_page(job_filter: MonitorFilter, ctx: RenderContext) -> JobList:
    return ctx.monitoring.client.jobs(
        status=job_filter.final_statuses,
        q=job_filter.search or None,
        user_id=job_filter.person or None,
        since=job_filter.since,
        sort=job_filter.sort,
        offset=job_filter.page * PAGE,
        limit=PAGE,
    )


def _fetch_counts(job_filter: MonitorFilter, ctx: RenderContext) -> dict[JobStatus, int]:
    counts = ctx.monitoring.client.job_counts(
        q=job_filter.search or None,
        user_id=job_filter.person or None,
        since=job_filter.since,
    )
    return dict(counts or {})
