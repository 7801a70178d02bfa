"""The names of jobs, statuses and steps in the reader's language."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.wire.job import Job, JobStatus, short_id


def job_name(job: Job) -> str:
    return job.title or f"#{short_id(job.job_id)}"


def status_text(job: Job, t: Translator) -> str:
    """Return the status; the back end's own word behind it if the portal does not know it."""
    if job.is_cancelling:
        return t("status-cancelling")
    if job.status is JobStatus.UNKNOWN and job.sent_status:
        return t("status-unknown-named", name=job.sent_status)
    return status_label(job.status, t)


def status_label(status: JobStatus, t: Translator) -> str:
    return t(f"status-{status}")


def step_name(step: str, t: Translator) -> str:
    """Return the step's name, as it is if it is a step of a company's own pipeline."""
    key = f"step-{step}"
    return t(key) if t.has(key) else step
