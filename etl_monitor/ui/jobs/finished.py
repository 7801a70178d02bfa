"""Finished jobs, a page at a time: the newest from the store, others from the service."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from etl_monitor.client import JobList, filters
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.jobs.filter import JobFilter
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.wire.job import Job, JobStatus

PAGE = 20


@dataclass(frozen=True, kw_only=True)
class FinishedPage:
    """`total`: how many there are on all pages. `problem`: why some may be missing."""

    jobs: tuple[Job, ...]
    total: int
    problem: EtlMonitorError | None = None


_pages: QueryCache[JobList] = QueryCache()
_counts: QueryCache[dict[JobStatus, int]] = QueryCache()


def finished_page(wanted: JobFilter, ctx: RenderContext) -> FinishedPage:
    """What the service lists, each job as the store knows it now; without the service, what the
    store has. Whether a listed job fits is the service's to decide: it knows more of it."""
    if not wanted.final_statuses:
        return FinishedPage(jobs=(), total=0)
    if not ctx.snapshot.position:  # an older back end: it lists everything, whatever is asked for
        return _from_store(wanted, ctx)
    question = (ctx.monitoring.client.base_url, wanted, wanted.since)
    try:
        told = _pages(question, ctx.snapshot.status_version, partial(_ask, wanted, ctx))
    except EtlMonitorError as error:
        return _from_store(wanted, ctx, error)
    if told.total < _surely_there(wanted, ctx):
        return _from_store(wanted, ctx)
    known = ctx.snapshot.jobs
    newest = (known.get(job.job_id, job) for job in told.jobs)
    jobs = tuple(job for job in newest if job.status.is_final)
    return FinishedPage(jobs=jobs[:PAGE], total=max(told.total, len(jobs)))


def counts(wanted: JobFilter, ctx: RenderContext) -> Mapping[JobStatus, int]:
    """How many jobs that are wanted there are in each status: active ones as the store knows them,
    finished ones as the service counts them, also where the store has only the newest."""
    wanted = wanted.of_any_status
    here = _counted_here(wanted, ctx)
    if not ctx.snapshot.position:  # an older back end counts nothing
        return here
    question = (ctx.monitoring.client.base_url, wanted, wanted.since)
    try:
        told = _counts(question, ctx.snapshot.status_version, partial(_count, wanted, ctx))
    except EtlMonitorError:
        return here
    return {s: told.get(s, n) if s.is_final else n for s, n in here.items()}


def _surely_there(wanted: JobFilter, ctx: RenderContext) -> int:
    """How many the store has itself, where nothing narrows. A back end that lists fewer did not
    understand what it was asked for, as by three statuses at once, or does not count them all."""
    counted = ctx.snapshot.counts
    return 0 if wanted.is_narrow else sum(counted[status] for status in wanted.final_statuses)


def _counted_here(wanted: JobFilter, ctx: RenderContext) -> Mapping[JobStatus, int]:
    if not wanted.is_narrow:
        return ctx.snapshot.counts
    found = Counter(job.status for job in ctx.snapshot.jobs.values() if wanted.wants(job))
    return {status: found[status] for status in JobStatus}


def _from_store(
    wanted: JobFilter, ctx: RenderContext, error: EtlMonitorError | None = None
) -> FinishedPage:
    jobs = wanted.wanted(ctx.snapshot.finished)
    first = wanted.page * PAGE
    return FinishedPage(jobs=jobs[first : first + PAGE], total=len(jobs), problem=error)


def _ask(wanted: JobFilter, ctx: RenderContext) -> JobList:
    return ctx.monitoring.client.jobs(
        status=wanted.final_statuses,
        **_narrowed(wanted),
        sort=wanted.sort,
        offset=wanted.page * PAGE,
        limit=PAGE,
    )


def _count(wanted: JobFilter, ctx: RenderContext) -> dict[JobStatus, int]:
    return dict(ctx.monitoring.client.job_counts(**_narrowed(wanted)) or {})


def _narrowed(wanted: JobFilter) -> filters.JobFilter:
    t = (wanted.text, *wanted.errors) if wanted.text else None
    return {"q": t, "user_id": wanted.person or None, "since": wanted.since}
