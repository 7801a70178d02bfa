"""One job, inline: a line, or a card."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from etl_monitor.portal import addresses
from etl_monitor.ui.jobs.details import DetailsView
from etl_monitor.ui.jobs.payloads import JobCard, JobLabels, JobPayload, JobRow, Link
from etl_monitor.ui.jobs.problem import is_in_the_file
from etl_monitor.ui.jobs.row import job_row
from etl_monitor.ui.jobs.view_labels import job_labels
from etl_monitor.ui.live.connection_badge import freshness
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.wire.job import Job, short_id
from etl_monitor.wire.roles import Right


@dataclass(frozen=True, kw_only=True)
class JobView(View):
    """`job` is what the page has; the store's record of the same job is newer. If `is_known` is
    False, `job` is no more than an id, and no state is shown unless the store has the job. If
    `confirms` is False, nothing is confirmed here: the page around decides."""

    job: Job
    compact: bool
    is_known: bool = True
    confirms: bool = True
    name: str = "job"

    def render(self, ctx: RenderContext) -> JobPayload:
        job = ctx.snapshot.jobs.get(self.job.job_id, self.job)
        current = freshness(ctx)
        if not self.is_known and job is self.job:
            return {
                "job": None,
                "emptyText": _unknown_text(job.job_id, ctx),
                "freshness": current["freshness"],
                "receivedAt": current["receivedAt"],
            }
        return {
            "job": job_line(job, ctx) if self.compact else job_card(job, ctx),
            "compact": self.compact,
            "freshness": current["freshness"],
            "receivedAt": current["receivedAt"],
            "labels": _labels(self.confirms, ctx),
        }

    def identity(self) -> Hashable:
        return self.job.job_id, self.compact, self.is_known, self.confirms

    def inner_views(self, payload: Mapping[str, Any], ctx: RenderContext) -> Mapping[str, View]:
        job_id = self.job.job_id
        is_open = not self.compact and job_id in ctx.jobs.open_jobs
        return {job_id: DetailsView(job_id=job_id, job=self._given())} if is_open else {}

    def _given(self) -> Job | None:
        return self.job if self.is_known else None


def _unknown_text(job_id: str, ctx: RenderContext) -> str:
    return ctx.t("job-unknown", id=short_id(job_id)) if job_id else ctx.t("job-none")


def _labels(confirms: bool, ctx: RenderContext) -> JobLabels:
    labels = job_labels(ctx.t)
    return labels if confirms else {**labels, "cancelQuestion": ""}


def job_line(job: Job, ctx: RenderContext) -> JobRow:
    siblings = ctx.snapshot.active_siblings(job)
    return job_row(job, ctx.t, siblings=siblings, rights=ctx.rights, clock_offset=ctx.clock_offset)


def job_card(job: Job, ctx: RenderContext) -> JobCard:
    return {**job_line(job, ctx), "repair": _repair(job, ctx)}


def _repair(job: Job, ctx: RenderContext) -> Link | None:
    """Return the way to the upload of a corrected file, if a retry would fail again."""
    is_newest = ctx.snapshot.latest_by_test.get(job.test_id or "") == job.job_id
    if not (is_newest and is_in_the_file(job) and Right.UPLOAD in ctx.rights):
        return None
    href = addresses.result_page(job.test_id or "", ctx.t.language)
    return {"text": ctx.t("repair"), "href": href} if href else None
