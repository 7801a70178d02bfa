"""A test result's title, and its newest job."""

from etl_monitor.i18n.translator import Translator
from etl_monitor.plain_text import visible
from etl_monitor.store.job_store import Snapshot
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import ResultStatus, TestResult
from etl_monitor.wire.samples import sample_title


def title_of(result: TestResult, t: Translator) -> str:
    title = sample_title(result.id, t) or result.title
    return title or visible(f"{result.user_id} #{result.anp_seq}")


def is_busy(result: TestResult, job: Job | None) -> bool:
    """Return True if a job of the test is active. Older back ends do not say which job that is."""
    return result.status is ResultStatus.PROCESSING if job is None else job.status.is_active


def job_of(result: TestResult, snapshot: Snapshot) -> Job | None:
    """Return the newest job of a test: from the store, else from the list."""
    job_id = snapshot.latest_by_test.get(result.id, "")
    return snapshot.jobs.get(job_id) or result.active_job or result.last_job
