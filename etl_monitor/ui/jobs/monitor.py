"""The full monitor: running and finished jobs in two lists, filtered as this person chose."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from etl_monitor.ui.jobs import payloads
from etl_monitor.ui.jobs.attention import attention
from etl_monitor.ui.jobs.details import DetailsView
from etl_monitor.ui.jobs.filter import PREFIX, MonitorFilter
from etl_monitor.ui.jobs.filter_bar import MonitorInputs
from etl_monitor.ui.jobs.finished import PAGE, FinishedPage, counts_by_status, finished_page
from etl_monitor.ui.jobs.labels import status_label
from etl_monitor.ui.jobs.queue import queue_texts
from etl_monitor.ui.jobs.status import job_card
from etl_monitor.ui.jobs.view_labels import monitor_labels
from etl_monitor.ui.live.connection_badge import freshness
from etl_monitor.ui.live.test_kinds import kinds_of_jobs
from etl_monitor.ui.session.view import RenderContext, SessionState, View
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.ui.widgets.filters import completion
from etl_monitor.ui.widgets.pager import pager
from etl_monitor.ui.widgets.payloads import Completion
from etl_monitor.wire.job import FINAL, STATUSES, Job, JobStatus

ACTIVE_PAGE = 25  # active jobs on a page
_MAX_ENDED = 100  # ended jobs that a rendering names: more do not end between two renderings


@dataclass(frozen=True, kw_only=True)
class MonitorView(View):
    """`job_filter` is what the page's inputs say; statuses and page are the session's, under the
    inputs' `prefix`. `above` is a job that the page shows above the monitor: it is counted here,
    but not drawn again. `has_shortcuts`: whether the page's keyboard is the monitor's."""

    job_filter: MonitorFilter
    prefix: str = PREFIX
    above: str | None = None
    has_shortcuts: bool = False
    name: str = "monitor"

    def render(self, ctx: RenderContext) -> payloads.MonitorPayload:
        page = self._finished(ctx)
        job_filter = self._filter_of(ctx)  # after _finished, which may move to another page
        running = job_filter.select(ctx.snapshot.running)
        active = ctx.jobs.monitor(self.prefix).active
        active.clamp(len(running), ACTIVE_PAGE)
        first = active.page * ACTIVE_PAGE
        shown = running[first : first + ACTIVE_PAGE]
        return {
            "loaded": ctx.snapshot.loaded,
            "attention": attention(ctx),
            "running": self._active_cards(shown, ctx),
            "finished": self._cards(page.jobs, ctx),
            "runningCount": len(running),
            "finishedCount": page.total,
            "runningHeading": ctx.t("running-heading", n=len(running)),
            "finishedHeading": ctx.t("finished-heading", n=page.total),
            "chips": _chips(job_filter, ctx),
            "activePager": pager(active.page, ACTIVE_PAGE, len(shown), len(running), ctx),
            "pager": pager(job_filter.page, PAGE, len(page.jobs), page.total, ctx),
            **self.personal(ctx.session),
            "outcomes": _outcomes(ctx),
            "announcements": {status.value: ctx.t(f"said-{status}", n="{n}") for status in FINAL},
            "filterKey": f"{job_filter!r} {active.page}",
            "isNarrow": job_filter.is_narrow,
            "searchKey": f"{self.prefix}-q" if self.has_shortcuts else None,
            "completion": self._completion(ctx),
            "problem": problem_text(page.problem, ctx.t) if page.problem else _left_out(ctx),
            **freshness(ctx),
            "labels": monitor_labels(ctx.t),
        }

    def personal(self, session: SessionState) -> payloads.PersonalPart:
        return {
            "openJobs": [job for job in session.jobs.open_jobs if job != self.above],
            "startedJobs": session.jobs.started,
            "bulkActions": session.bulk_actions["jobs"],
        }

    def choices(self, ctx: RenderContext) -> Hashable:
        return repr(ctx.jobs.monitor(self.prefix))

    def inner_views(self, payload: Mapping[str, Any], ctx: RenderContext) -> Mapping[str, View]:
        """Return the details of the open jobs that are shown. The browser has the page run when
        news show another one (`assets/main.js`)."""
        shown = {row["id"] for row in (*payload["running"], *payload["finished"])}
        return {
            job_id: DetailsView(job_id=job_id) for job_id in ctx.jobs.open_jobs if job_id in shown
        }

    def _completion(self, ctx: RenderContext) -> Completion:
        statuses = {status.value: status_label(status, ctx.t) for status in STATUSES}
        return completion(MonitorInputs(prefix=self.prefix).text, statuses, kinds_of_jobs(ctx), ctx)

    def _filter_of(self, ctx: RenderContext) -> MonitorFilter:
        choices = ctx.jobs.monitor(self.prefix)
        return replace(
            self.job_filter,
            statuses=choices.statuses,
            page=choices.finished.page,
            clock_offset=ctx.clock_offset,
        )

    def _finished(self, ctx: RenderContext) -> FinishedPage:
        page = finished_page(self._filter_of(ctx), ctx)
        if page.jobs or page.problem is not None:
            return page
        is_moved = ctx.jobs.monitor(self.prefix).finished.clamp(page.total, PAGE)
        return finished_page(self._filter_of(ctx), ctx) if is_moved else page

    def _active_cards(self, jobs: Iterable[Job], ctx: RenderContext) -> list[payloads.JobCard]:
        queue_lines = queue_texts(ctx)

        def step(card: payloads.JobCard) -> str:
            return " · ".join(
                text for text in (card["step"], queue_lines.get(card["id"], "")) if text
            )

        return [{**card, "step": step(card)} for card in self._cards(jobs, ctx)]

    def _cards(self, jobs: Iterable[Job], ctx: RenderContext) -> list[payloads.JobCard]:
        shown = (job for job in jobs if job.job_id != self.above)
        return [job_card(job, ctx) for job in shown]


def _left_out(ctx: RenderContext) -> str:
    """Return how many of the active jobs are shown, if there are more than the store takes."""
    shown, left_out = len(ctx.snapshot.running), ctx.snapshot.active_left_out
    return ctx.t("active-left-out", n=shown, total=shown + left_out) if left_out else ""


def _outcomes(ctx: RenderContext) -> payloads.JobOutcomes:
    ended = islice(ctx.snapshot.finished, _MAX_ENDED)
    return {
        "active": [job.job_id for job in ctx.snapshot.running],
        "ended": {job.job_id: job.status.value for job in ended},
    }


def _chips(job_filter: MonitorFilter, ctx: RenderContext) -> list[payloads.StatusChip]:
    counts = counts_by_status(job_filter, ctx)
    return [
        {
            "status": status.value,
            "text": status_label(status, ctx.t),
            "count": ctx.t.number(counts[status]),
            "isChosen": status in job_filter.statuses,
        }
        for status in JobStatus
        if status is not JobStatus.UNKNOWN or counts[status] or status in job_filter.statuses
    ]
