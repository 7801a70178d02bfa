"""One job, inline: a line, or a card."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.ui.jobs.monitor import card
from etl_monitor.ui.jobs.row import active_siblings, job_row
from etl_monitor.ui.jobs.view_labels import job_labels
from etl_monitor.ui.live.freshness import freshness
from etl_monitor.ui.session.view import RenderContext, View
from etl_monitor.wire.job import Job, short_id


@dataclass(frozen=True, kw_only=True)
class JobView(View):
    """`job` is what the page knew; whatever the store knows of the same job is newer. Where it
    `is_known` by its id alone, that is said instead of a state that would be made up."""

    job: Job
    compact: bool
    is_known: bool = True
    name: str = "job"

    def render(self, ctx: RenderContext) -> dict[str, Any]:
        job = ctx.snapshot.jobs.get(self.job.job_id, self.job)
        if not self.is_known and job is self.job:
            unknown = ctx.t("job-unknown", id=short_id(job.job_id))
            return {"job": None, "emptyText": unknown, **freshness(ctx)}
        drawn = (
            job_row(
                job,
                ctx.t,
                siblings=active_siblings(job, ctx.snapshot),
                rights=ctx.rights,
            )
            if self.compact
            else card(job, ctx)
        )
        return {
            "job": drawn,
            "compact": self.compact,
            **freshness(ctx),
            "labels": job_labels(ctx.t),
        }
