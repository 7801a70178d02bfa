"""The result page's data from the service.

Statistics and documents of a finished run do not change, so they are cached. The result itself is
requested each time: with it the service decides whether the reader may see them.
"""

from dataclasses import dataclass
from functools import partial

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.live.query_cache import QueryCache
from etl_monitor.ui.session import state as session
from etl_monitor.wire.job import Job
from etl_monitor.wire.rejected import RejectedSummary
from etl_monitor.wire.result import Document, TestResult
from etl_monitor.wire.statistics import Statistics

_MAX_JOBS = 50
_MAX_CACHED = 64  # results with statistics, and documents
_MAX_AGE = 3600.0  # seconds


@dataclass(frozen=True, kw_only=True)
class ResultData:
    result: TestResult
    statistics: Statistics | None
    jobs: tuple[Job, ...]  # newest first


_statistics: QueryCache[Statistics | None] = QueryCache(_MAX_CACHED)
_documents: QueryCache[str] = QueryCache(_MAX_CACHED)
_rejected: QueryCache[RejectedSummary | None] = QueryCache(_MAX_CACHED)


def result_data(test_id: str) -> ResultData:
    """Raises what the client raises."""
    client = _client()
    result = client.result(test_id)
    statistics = None
    if result.completed_at is not None:
        statistics = _statistics.get(
            (client.base_url, test_id),
            result.completed_at,
            partial(client.statistics, test_id),
            max_age=_MAX_AGE,
        )
    return ResultData(result=result, statistics=statistics, jobs=_jobs(client, test_id))


def document_text(document: Document, result: TestResult) -> str:
    """Return the document as Markdown. Raises what the client raises."""
    client = _client()
    return _documents.get(
        (client.base_url, result.id, document.id, client.language),
        result.completed_at,
        partial(client.document, result.id, document.id),
        max_age=_MAX_AGE,
    )


def rejected_summary(result: TestResult) -> RejectedSummary | None:
    """Return how many rows the newest run left out; None if the back end cannot say: it is shown
    beside the reasons, which are known already."""
    client, job = _client(), result.last_job
    try:
        return _rejected.get(
            (client.base_url, result.id),
            job and job.job_id,
            partial(client.rejected_summary, result.id),
            max_age=_MAX_AGE,
        )
    except EtlMonitorError:
        return None


def _client() -> EtlClient:
    return session.job_table().monitoring.client.with_language(session.language())


def _jobs(client: EtlClient, test_id: str) -> tuple[Job, ...]:
    """Return the test's jobs; none if a back end cannot list them: its scores are still shown."""
    try:
        return client.jobs(test_id=test_id, limit=_MAX_JOBS).jobs
    except EtlMonitorError:
        return ()
