"""What a test result is called, and which job is its newest."""

from etl_monitor.store.job_store import Snapshot
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import ResultStatus, TestResult


def title_of(result: TestResult) -> str:
    return result.title or f"{result.user_id} #{result.anp_seq}"


def is_busy(result: TestResult, job: Job | None) -> bool:
    """Whether a job of the test is active. Older back ends do not say which job that is."""
    return result.status is ResultStatus.PROCESSING if job is None else job.status.is_active


def job_of(result: TestResult, snapshot: Snapshot) -> Job | None:
    """The newest job of a test: as the store knows it, else as the list told it."""
    known = snapshot.latest_by_test.get(result.id)
    if known in snapshot.jobs and known is not None:
        return snapshot.jobs[known]
    return result.active_job or result.last_job
