"""The names of jobs, statuses and steps in the reader's language, and why a job was cancelled."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.ui.widgets.people import is_system
from etl_monitor.wire.job import Job, JobStatus, short_id
from etl_monitor.wire.samples import is_sample, sample_title


def job_name(job: Job, t: Translator) -> str:
    return sample_title(job.test_id, t) or job.title or f"#{short_id(job.job_id)}"


def cancel_reason(job: Job, t: Translator) -> str:
    """Return the reason that was given, or the one of the sample that the service cancels."""
    if is_sample(job.test_id) and is_system(job.cancel_requested_by):
        return t("sample-cancel-reason")
    return job.cancel_reason or ""


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
