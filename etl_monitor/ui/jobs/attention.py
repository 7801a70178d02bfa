"""What needs attention: jobs that failed today, and running ones that are late, silent or do not
stop. A failure stays until it is marked as seen, or its test has a newer job."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from heapq import nsmallest
from itertools import islice, takewhile

from etl_monitor.i18n.translator import Translator
from etl_monitor.store.job_index import by_end
from etl_monitor.ui.jobs import payloads
from etl_monitor.ui.jobs.labels import job_name
from etl_monitor.ui.jobs.problem import job_problem
from etl_monitor.ui.jobs.row import Same
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.base import iso
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.roles import Right

_TODAY = timedelta(hours=24)
_LATE = timedelta(minutes=1)  # after the latest expected end
_SILENT = timedelta(seconds=30)  # without a progress report; the service ends it some time later
_REMEMBERED = 1024  # items
_MAX_ITEMS = 50  # of running jobs, and of failures: a page shows five at first


def attention(ctx: RenderContext) -> payloads.Attention:
    """Return what may need attention: running jobs first, those first whose moment comes first;
    then failures, the newest first. The browser shows each item from its moment on, so a job
    becomes late without any news."""
    running, failures = _running(ctx), [*islice(_failures(ctx), _MAX_ITEMS)]
    is_full = len(failures) == _MAX_ITEMS or _are_all_due(running, ctx)
    return {
        "items": (*running, *failures),
        "heading": ctx.t("attention-heading", n="{n}+" if is_full else "{n}"),
        "more": ctx.t("attention-more", n="{n}"),
        "seen": ctx.t("mark-seen"),
        "allSeen": ctx.t("mark-all-seen"),
    }


def _failures(ctx: RenderContext) -> Iterator[payloads.AttentionItem]:
    if not ctx.snapshot.position:  # an older back end does not record what was seen
        return
    newest, since = ctx.snapshot.latest_by_test, ctx.now - _TODAY
    for job in takewhile(lambda job: by_end(job) > (since, ""), ctx.snapshot.finished):
        if job.status is not JobStatus.FAILED or job.seen_at or job.finished_at is None:
            continue
        if job.test_id is None or newest.get(job.test_id) == job.job_id:
            yield _failure(job, ctx)


def _failure(job: Job, ctx: RenderContext) -> payloads.AttentionItem:
    problem = job_problem(job, ctx.t)
    reason = problem["reason"] if problem else ""
    may_mark = Right.MARK_SEEN in ctx.rights
    return {**_item(job, job.finished_at, reason, ctx), "mayMark": may_mark}


def _running(ctx: RenderContext) -> Sequence[payloads.AttentionItem]:
    reasons = (
        (*min(of_job), job)
        for job in ctx.snapshot.running
        if job.status is JobStatus.RUNNING and (of_job := _reasons(job))
    )
    first = nsmallest(_MAX_ITEMS, reasons, key=lambda found: found[0])
    return [_item(job, at, ctx.t(reason), ctx) for at, reason, job in first]


def _are_all_due(running: Sequence[payloads.AttentionItem], ctx: RenderContext) -> bool:
    """Return whether there may be more running jobs that are due than these."""
    last = running[-1]["at"] if len(running) == _MAX_ITEMS else None
    return last is not None and datetime.fromisoformat(last) <= ctx.now - ctx.clock_offset


def _reasons(job: Job) -> Sequence[tuple[datetime, str]]:
    """Return why a running job needs attention if it goes on like this, and from when on."""
    if job.is_cancelling:
        deadline = job.cancel_deadline
        return [(deadline, "attention-not-stopping")] if deadline else []
    silent = [(job.heartbeat_at + _SILENT, "attention-silent")] if job.heartbeat_at else []
    late = [(job.eta_latest + _LATE, "attention-late")] if job.eta_latest else []
    return [*silent, *late]


def _item(job: Job, at: datetime | None, reason: str, ctx: RenderContext) -> payloads.AttentionItem:
    lasting = _lasting(Same(job), at, ctx.t, ctx.clock_offset)
    return {**lasting, "href": job_address(job.job_id, ctx.t), "reason": reason}


@lru_cache(maxsize=_REMEMBERED)
def _lasting(
    same: Same[Job], at: datetime | None, t: Translator, clock_offset: timedelta
) -> payloads.AttentionItem:
    """Return the item without its reason and its link."""
    job = same.job
    return {
        "id": f"attention-{job.job_id}",
        "jobId": job.job_id,
        "status": job.status.value,
        "title": job_name(job, t),
        "href": "",
        "reason": "",
        "at": iso(at - clock_offset) if at else None,
        "atText": t.date_time(at),
        "mayMark": False,
    }
