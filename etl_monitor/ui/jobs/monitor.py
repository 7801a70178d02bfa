"""The full monitor: running and finished jobs, apart, narrowed as this person chose."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from etl_monitor.ui.jobs.details import details
from etl_monitor.ui.jobs.filter import JobFilter
from etl_monitor.ui.jobs.finished import PAGE, FinishedPage, counts, finished_page
from etl_monitor.ui.jobs.labels import status_words
from etl_monitor.ui.jobs.row import active_siblings, job_row
from etl_monitor.ui.jobs.view_labels import monitor_labels
from etl_monitor.ui.live.freshness import freshness
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.wire.job import FINAL, Job, JobStatus

_NEWEST = 100  # jobs that ended: more do not end between two pieces of news


@dataclass(frozen=True, kw_only=True)
class MonitorView(View):
    """`wanted`: the filter of the page's inputs; the chips' part is the session's, newest.
    `above`: a job that the page shows above this already; it counts, but is not drawn again."""

    wanted: JobFilter
    above: str | None = None
    name: str = "monitor"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        page = self._finished(ctx)
        wanted = self._wanted(ctx)
        running = wanted.wanted(ctx.snapshot.running)
        return {
            "loaded": ctx.snapshot.loaded,
            "running": self._cards(running, ctx),
            "finished": self._cards(page.jobs, ctx),
            "runningCount": len(running),
            "finishedCount": page.total,
            "runningHeading": ctx.t("running-heading", n=len(running)),
            "finishedHeading": ctx.t("finished-heading", n=page.total),
            "chips": _chips(wanted, ctx),
            "pager": pager(wanted.page, PAGE, len(page.jobs), page.total, ctx),
            "startedJobs": ctx.jobs.started,
            "bulkActions": ctx.session.bulk_actions["jobs"],
            "outcomes": _happening(ctx),
            "announcements": {status.value: ctx.t(f"said-{status}", n="{n}") for status in FINAL},
            "filterKey": repr(wanted),
            "isNarrow": wanted.is_narrow,
            "problem": problem_text(page.problem, ctx.t) if page.problem else "",
            **freshness(ctx),
            "labels": monitor_labels(ctx.t),
        }

    def _wanted(self, ctx: RenderContext) -> JobFilter:
        table = ctx.jobs
        return replace(self.wanted, statuses=table.chosen_statuses, page=table.finished.page)

    def _finished(self, ctx: RenderContext) -> FinishedPage:
        page = finished_page(self._wanted(ctx), ctx)
        is_there = bool(page.jobs) or page.problem is not None
        is_on_another = not is_there and ctx.jobs.finished.clamp(page.total, PAGE)
        return finished_page(self._wanted(ctx), ctx) if is_on_another else page

    def _cards(self, jobs: Iterable[Job], ctx: RenderContext) -> list[dict[str, Any]]:
        return [card(job, ctx) for job in jobs if job.job_id != self.above]


def _happening(ctx: RenderContext) -> dict[str, Any]:
    """What ends is told aloud, whatever is filtered or on another page: the ids of all jobs that
    have not ended, and how the newest ended ones did."""
    ended = ctx.snapshot.finished[:_NEWEST]
    return {
        "active": [job.job_id for job in ctx.snapshot.running],
        "ended": {job.job_id: job.status.value for job in ended},
    }


def card(job: Job, ctx: RenderContext) -> dict[str, Any]:
    """A job's row, with its details where this person opened them."""
    is_open = job.job_id in ctx.jobs.open_jobs
    siblings = active_siblings(job, ctx.snapshot)
    row = job_row(job, ctx.t, siblings=siblings, rights=ctx.rights)
    return row | {"open": is_open, "details": details(job, ctx) if is_open else None}


def _chips(wanted: JobFilter, ctx: RenderContext) -> list[dict[str, Any]]:
    counted = counts(wanted, ctx)
    return [
        {
            "status": status.value,
            "text": status_words(status, ctx.t),
            "count": ctx.t.number(counted[status]),
            "isChosen": status in wanted.statuses,
        }
        for status in JobStatus
    ]
