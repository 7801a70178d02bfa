"""Tests whose first job has completed, made without a worker or a service that listens."""

from collections.abc import Mapping
from pathlib import Path

from etl_monitor.pipeline.base import Pipeline
from etl_monitor.service.engines.job_runner import WorkerContext, run_job
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.results import registration
from etl_monitor.service.service import Service
from etl_monitor.service.storage.outage import DatabaseOutage
from tests.support.commands import opened

_WORKER = "worker-1-first"


def run_first_jobs(
    data_dir: Path,
    setting: Mapping[str, str],
    pipeline: Pipeline,
    kind: str,
    files: Mapping[str, bytes],
) -> dict[str, str]:
    """Add a test with each answer file, by title, and run its first job in this process. Returns
    the tests' ids by title.

    `setting` may name another database than that of the folder."""
    with opened(data_dir, database_url=setting.get("ETL_MONITOR_DATABASE_URL")) as service:
        context = WorkerContext(
            db=service.db,
            folders=service.folders,
            pipeline=pipeline,
            worker=_WORKER,
            kinds_dir=None,
            reads=DatabaseOutage(_WORKER),
            writes=DatabaseOutage(_WORKER),
        )
        tests = {}
        for number, (title, content) in enumerate(files.items()):
            source = f"first-{number}"
            (data_dir / "uploads" / source).write_bytes(content)
            new = registration.NewTest(
                user_id="kim", title=title, test_kind=kind, file_name="answers", source=source
            )
            tests[title] = _run_first_job(service, context, new)
        return tests


def _run_first_job(service: Service, context: WorkerContext, new: registration.NewTest) -> str:
    steps = [step.name for step in context.pipeline.steps]
    with service.db.writing() as tx:
        registration.register_test(tx, new, requested_by="kim", step_count=len(steps))
        job = lifecycle.claim(tx, _WORKER, steps)
    assert job is not None
    run_job(context, job)
    return new.test_id
