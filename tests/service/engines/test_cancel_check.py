"""A cancel request that a running step notices."""

from pathlib import Path

from etl_monitor.pipeline.base import Cancelled, Pipeline, PipelineJob, Report, Step
from etl_monitor.service.engines.job_runner import WorkerContext, run_job
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.jobs import queries as job_queries
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.outage import DatabaseOutage
from tests.support.records import MINUTE, add_test

WORKER = "worker-1-here"


def test_a_cancelled_job_has_the_last_log_lines_of_its_step(db: Database, tmp_path: Path) -> None:
    def stop(job: PipelineJob, report: Report, cancelled: Cancelled) -> None:
        with db.writing() as tx:
            lifecycle.request_cancel(tx, job.job_id, by="kim", reason=None, deadline=MINUTE)
        while not cancelled():
            pass
        report.log("stopped in row 12")

    folders = Folders(root=tmp_path)
    folders.prepare()
    context = WorkerContext(
        db=db,
        folders=folders,
        pipeline=Pipeline(name="one", steps=(Step(name="stop", run=stop),)),
        worker=WORKER,
        kinds_dir=None,
        reads=DatabaseOutage(WORKER),
        writes=DatabaseOutage(WORKER),
    )
    with db.writing() as tx:
        test = result_queries.test_row(tx, add_test(tx).test_id or "")
        job = lifecycle.claim(tx, WORKER, ["stop"])
    assert job is not None
    (folders.root / "uploads" / test.source).touch()
    run_job(context, job)
    with db.reading() as tx:
        over = job_queries.detail(tx, job.job_id)
    assert over.status == "cancelled"
    assert [line.message for line in over.log] == ["stopped in row 12"]
