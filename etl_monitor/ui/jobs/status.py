"""One job, inline: a line, or a card."""

from dataclasses import dataclass
from typing import Any

from etl_monitor.ui.jobs.labels_js import job_words
from etl_monitor.ui.jobs.monitor import active_siblings, card, freshness
from etl_monitor.ui.jobs.row import job_row, short_id
from etl_monitor.ui.session.state import Look, View
from etl_monitor.wire.job import Job


@dataclass(frozen=True, kw_only=True)
class JobView(View):
    """`job` is what the page knew; whatever the store knows of the same job is newer. Where it
    `is_known` by its id alone, that is said instead of a state that would be made up."""

    job: Job
    compact: bool
    is_known: bool = True
    name: str = "job"

    def data(self, look: Look) -> dict[str, Any]:
        job = look.snapshot.jobs.get(self.job.job_id, self.job)
        if not self.is_known and job is self.job:
            unknown = look.texts("job-unknown", id=short_id(job.job_id))
            return {"job": None, "none": unknown, **freshness(look)}
        drawn = (
            job_row(
                job,
                look.texts,
                siblings=active_siblings(job, look.snapshot),
                rights=look.rights,
            )
            if self.compact
            else card(job, look)
        )
        return {
            "job": drawn,
            "compact": self.compact,
            **freshness(look),
            "words": job_words(look.texts),
        }
