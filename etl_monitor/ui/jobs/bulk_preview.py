"""Which of several jobs can be cancelled or retried, and why the others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from etl_monitor.errors import EtlMonitorError
from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.jobs.labels import job_name, status_text
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.job import Job, JobStatus, may_cancel, may_retry, short_id

Kind = Literal["cancel", "retry"]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`able`: the jobs that can be changed. `unable`: for each other job a line that says why."""

    able: tuple[Job, ...]
    unable: tuple[str, ...]


def preview(kind: Kind, job_ids: Sequence[str], ctx: RenderContext) -> Preview:
    """Check the jobs as they are now. The service decides once it gets the request."""
    able: list[Job] = []
    unable = []
    for job_id in dict.fromkeys(job_ids):
        try:
            job = ctx.snapshot.jobs.get(job_id) or ctx.monitoring.client.job(job_id)
        except EtlMonitorError as error:
            unable.append(f"{short_id(job_id)}: {problem_text(error, ctx.t)}")
            continue
        reason = _not_cancelled(job) if kind == "cancel" else _not_retried(job, able, ctx)
        if reason is None:
            able.append(job)
        else:
            text = ctx.t(reason, status=status_text(job, ctx.t))
            unable.append(f"{line_of(job, ctx.t)}: {text}")
    return Preview(able=tuple(able), unable=tuple(unable))


def line_of(job: Job, t: Translator) -> str:
    """The id sets two attempts of one test apart."""
    return f"{job_name(job, t)} · {short_id(job.job_id)}"


def _not_cancelled(job: Job) -> str | None:
    """Return the message key of the reason, None if it can be cancelled."""
    if may_cancel(job):
        return None
    return "cannot-over" if job.status.is_final else "cannot-cancelling"


def _not_retried(job: Job, able: Sequence[Job], ctx: RenderContext) -> str | None:
    """Return the message key of the reason, None if it can be retried. A test has one active job at
    most, so of two selected attempts only one can be retried."""
    if not may_retry(job):
        return "cannot-completed" if job.status is JobStatus.COMPLETED else "cannot-active"
    if not may_retry(job, ctx.snapshot.active_siblings(job)):
        return "cannot-beside-active"
    is_chosen = job.test_id is not None and job.test_id in {other.test_id for other in able}
    return "cannot-beside-chosen" if is_chosen else None
