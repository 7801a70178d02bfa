"""Jobs and results in each state, as a service sends them, and render contexts of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from etl_monitor.client import EtlClient
from etl_monitor.i18n.translator import Translator
from etl_monitor.monitoring import Monitoring
from etl_monitor.store.connection_status import Connection
from etl_monitor.ui.session.job_table import JobTable
from etl_monitor.ui.session.view import RenderContext, SessionState
from etl_monitor.wire.job import Job, JobStatus
from etl_monitor.wire.result import TestResult

JOB = "4f2a9c11-0000-4000-8000-00000000000a"
TEST = "test-1"


def ago(**amount: float) -> datetime:
    return datetime.now(UTC) - timedelta(**amount)


def ahead(**amount: float) -> datetime:
    return datetime.now(UTC) + timedelta(**amount)


def pending(**fields: Any) -> Job:
    return _job(JobStatus.PENDING, **fields)


def running(**fields: Any) -> Job:
    """Return a job in the third of six steps, with an estimate of ten to fifteen minutes."""
    defaults: dict[str, Any] = {
        "progress": 40,
        "current_step": "score",
        "step_index": 3,
        "step_count": 6,
        "rows_done": 40_000,
        "rows_total": 100_000,
        "started_at": ago(minutes=4),
        "worker": "worker-1",
        "eta_earliest": ahead(minutes=10.3),
        "eta_latest": ahead(minutes=15.3),
    }
    return _job(JobStatus.RUNNING, **defaults | fields)


def cancelling(**fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "cancel_requested_at": ago(seconds=2),
        "cancel_requested_by": "kim",
        "cancel_reason": "the wrong file",
        "cancel_deadline": ahead(seconds=28),
    }
    return running(**defaults | fields)


def completed(**fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "progress": 100,
        "started_at": ago(minutes=4),
        "finished_at": ago(minutes=1),
    }
    return _job(JobStatus.COMPLETED, **defaults | fields)


def failed(**fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "progress": 20,
        "finished_at": ago(minutes=1),
        "error_code": "empty_file",
        "error_message": "The answer file is empty.",
        "error_details": {},
    }
    return _job(JobStatus.FAILED, **defaults | fields)


def cancelled(**fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "progress": 40,
        "finished_at": ago(minutes=1),
        "cancel_requested_at": ago(minutes=2),
    }
    return _job(JobStatus.CANCELLED, **defaults | fields)


def original(status: JobStatus, **fields: Any) -> Job:
    """Return a job with the fields that the original back end sends."""
    defaults: dict[str, Any] = {
        "job_id": JOB,
        "status": status,
        "progress": 40,
        "current_step": "채점 중",
    }
    return Job(**defaults | {"created_at": ago(minutes=5), "updated_at": ago(minutes=1)} | fields)


def result(**fields: Any) -> TestResult:
    defaults: dict[str, Any] = {"id": TEST, "user_id": "kim", "anp_seq": 7, "status": "completed"}
    return TestResult(**defaults | fields)


@contextmanager
def render_context(
    *jobs: Job,
    language: str = "en",
    base_url: str = "http://127.0.0.1:9",
    connection: Connection | None = None,
    loaded: bool = True,
    position: str = "1",
) -> Iterator[RenderContext]:
    """Yield the context of a store that holds `jobs`, without a connection. An empty `position`: of
    a back end that numbers nothing."""
    monitoring = Monitoring(EtlClient(base_url), interval=5.0, max_attempts=5)
    if loaded:
        monitoring.store.replace(jobs, position)
    if connection is not None:
        monitoring.store.set_connection(connection)
    yield RenderContext(
        snapshot=monitoring.snapshot(),
        t=Translator(language, "Asia/Seoul"),
        session=SessionState(jobs=JobTable(monitoring=monitoring)),
        monitoring=monitoring,
    )
    monitoring.close()


def next_context(ctx: RenderContext, *jobs: Job) -> RenderContext:
    """Return the next context of the same session, with a store that now holds `jobs`."""
    ctx.monitoring.store.replace(jobs, ctx.snapshot.position)
    return replace(ctx, snapshot=ctx.monitoring.snapshot())


def _job(status: JobStatus, **fields: Any) -> Job:
    defaults: dict[str, Any] = {
        "job_id": JOB,
        "status": status,
        "test_id": TEST,
        "user_id": "kim",
        "anp_seq": 7,
        "title": "3월 공채",
        "created_at": ago(minutes=5),
        "requested_by": "admin",
    }
    return Job(**defaults | fields)
