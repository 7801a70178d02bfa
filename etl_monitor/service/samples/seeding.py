"""The process that writes the sample files and queues their jobs, one after the other."""

import logging
import multiprocessing
import threading
import uuid
from datetime import timedelta
from multiprocessing.context import SpawnProcess
from pathlib import Path

from sqlalchemy import Connection, exists, select

from etl_monitor.pipeline.base import Pipeline
from etl_monitor.pipeline.samples.files import SAMPLES, Sample, write_sample
from etl_monitor.service.access.principal import SYSTEM
from etl_monitor.service.engines.worker import WorkerPlan, exit_with_parent
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.logs import set_up_logging
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.results import registration
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.state import SampleState
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.tables import tests

_log = logging.getLogger(__name__)

_AT_ONCE = 17
_THEN_EVERY = 3.0  # seconds
_DROPPED = "예시: 응시가 연기되어 취소함 (sample: postponed)"


def start_seeding(plan: WorkerPlan) -> SpawnProcess:
    """Beside the service, which answers meanwhile."""
    process = multiprocessing.get_context("spawn").Process(
        target=_seed, args=(plan,), name="seeding", daemon=True
    )
    process.start()
    return process


def _seed(plan: WorkerPlan) -> None:
    exit_with_parent()
    set_up_logging()
    pipeline = load_pipeline(plan.pipeline)
    db, folders = Database(plan.database_url), Folders(root=plan.data_dir)
    known = {kind.key for kind in pipeline.kinds(plan.kinds_dir)}
    for place, sample in enumerate(SAMPLES):
        if sample.test_kind in known and not _arrive(db, folders, pipeline, sample, place):
            return
    with db.writing() as tx:
        if sample_state.state(tx) is SampleState.SEEDING:
            sample_state.set_state(tx, SampleState.SEEDED)
    _log.info("samples_seeded")


def _arrive(db: Database, folders: Folders, pipeline: Pipeline, sample: Sample, place: int) -> bool:
    """As answer files do: many at first, then one by one, so that there is something to see for a
    while. False: the samples were removed meanwhile, so no more are wanted."""
    with db.reading() as tx:
        if _is_there(tx, sample):
            return True
    if place >= _AT_ONCE:
        threading.Event().wait(_THEN_EVERY)
    return _add(db, folders, pipeline, sample)


def _add(db: Database, folders: Folders, pipeline: Pipeline, sample: Sample) -> bool:
    file = folders.uploads / f"{uuid.uuid4()}{sample.suffix}"
    write_sample(sample, file)
    with db.writing() as tx:
        wanted = sample_state.state(tx) is SampleState.SEEDING
        if wanted:
            steps = len(pipeline.steps)
            job = registration.register_test(
                tx, _as_test(sample, file), requested_by=SYSTEM.name, step_count=steps
            )
            if sample.dropped:  # in the transaction that makes it: no worker can take it before
                lifecycle.request_cancel(
                    tx, job.job_id, by=SYSTEM.name, reason=_DROPPED, deadline=timedelta()
                )
    if not wanted:
        file.unlink()
    return wanted


def _is_there(tx: Connection, sample: Sample) -> bool:
    query = select(exists().where(tests.c.sample_key == sample.key))
    return bool(tx.execute(query).scalar_one())


def _as_test(sample: Sample, file: Path) -> registration.NewTest:
    return registration.NewTest(
        user_id=sample.user_id,
        title=sample.title,
        test_kind=sample.test_kind,
        file_name=f"{sample.key}{file.suffix}",
        source=file.name,
        sample_key=sample.key,
    )
