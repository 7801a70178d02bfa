"""What the result page asks of the service. Figures of a finished run do not change, so they are
asked for once; whether the reader may see them is asked each time, with the result itself."""

from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from etl_monitor.client import EtlClient
from etl_monitor.errors import EtlMonitorError
from etl_monitor.ui.session import state as session
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import Document, TestResult
from etl_monitor.wire.statistics import Statistics

_JOBS = 50
_KEPT = 64  # results of which figures, and documents of which texts, are kept


@dataclass(frozen=True, kw_only=True)
class ResultData:
    result: TestResult
    statistics: Statistics | None
    jobs: tuple[Job, ...]  # newest first


def result_data(test_id: str) -> ResultData:
    """Raises what the client raises."""
    client = _client()
    result = client.result(test_id)
    statistics = None
    if result.completed_at is not None:
        statistics = _statistics(client.base_url, test_id, result.completed_at)
    return ResultData(result=result, statistics=statistics, jobs=_jobs(client, test_id))


def document_text(document: Document, result: TestResult) -> str:
    """Raises what the client raises."""
    client = _client()
    return _document(client.base_url, result.id, document.id, client.language, result.completed_at)


def _client() -> EtlClient:
    return session.job_table().monitoring.client.with_language(session.language())


def _jobs(client: EtlClient, test_id: str) -> tuple[Job, ...]:
    """A back end that does not list them leaves the page without a history, not without scores."""
    try:
        return client.jobs(test_id=test_id, limit=_JOBS).jobs
    except EtlMonitorError:
        return ()


@st.cache_data(max_entries=_KEPT, ttl=3600, show_spinner=False)
def _statistics(base_url: str, test_id: str, completed_at: datetime) -> Statistics | None:
    return _client().statistics(test_id)


@st.cache_data(max_entries=_KEPT, ttl=3600, show_spinner=False)
def _document(
    base_url: str, test_id: str, document_id: str, language: str, completed_at: datetime | None
) -> str:
    return _client().document(test_id, document_id)
