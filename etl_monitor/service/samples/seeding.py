"""Write the sample files and queue their jobs, at the pace of `pacing`."""

import logging
import threading
import uuid
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, exists, select

from etl_monitor.i18n.translator import Translator
from etl_monitor.pipeline.base import Pipeline
from etl_monitor.pipeline.samples.files import SAMPLES, Sample, write_sample
from etl_monitor.service.access.principal import SYSTEM
from etl_monitor.service.border.kinds import offered_kinds
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.jobs import lifecycle
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.results import registration
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.pacing import pace_over
from etl_monitor.service.samples.state import SampleState
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.file_storage import UPLOADS
from etl_monitor.service.storage.open import open_database
from etl_monitor.service.storage.tables import tests
from etl_monitor.wire.samples import STORED_LANGUAGE, sample_id

_log = logging.getLogger(__name__)


def seed(plan: WorkerPlan, minutes: float) -> None:
    """Add the samples that are not there, spread over so many minutes."""
    pipeline, folders = load_pipeline(plan.pipeline), plan.folders
    kinds = {kind.key for kind in offered_kinds(pipeline, plan.kinds_dir)}
    pace = pace_over(minutes, len(SAMPLES))
    with open_database(folders) as db:
        for index, sample in enumerate(SAMPLES):
            if sample.test_kind not in kinds or _is_there(db, sample):
                continue
            file = folders.incoming / f"{uuid.uuid4()}{sample.suffix}"
            write_sample(sample, file)  # before the wait: a large one takes longer than that
            pace.wait(index, db, threading.Event())
            stored = f"{UPLOADS}/{file.name}"
            folders.storage.put(file, stored)
            if not _add(db, pipeline, sample, file):
                folders.storage.remove(stored)
                return
        with db.writing() as tx:
            if sample_state.state(tx) is SampleState.SEEDING:
                sample_state.set_state(tx, SampleState.SEEDED)
    _log.info("samples_seeded")


def _add(db: Database, pipeline: Pipeline, sample: Sample, file: Path) -> bool:
    """Add a sample, whose file is stored. Returns False if the samples were removed meanwhile."""
    with db.writing() as tx:
        is_on = sample_state.state(tx) is SampleState.SEEDING
        if is_on:
            _register(tx, sample, file, len(pipeline.steps))
    return is_on


def _register(tx: Connection, sample: Sample, file: Path, step_count: int) -> None:
    new = _as_test(sample, file)
    job = registration.register_test(tx, new, requested_by=SYSTEM.name, step_count=step_count)
    if sample.dropped:  # in the transaction that makes the job, before a worker can claim it
        lifecycle.request_cancel(
            tx, job.job_id, by=SYSTEM.name, reason=_cancel_reason(), deadline=timedelta()
        )


def _cancel_reason() -> str:
    return Translator(STORED_LANGUAGE)("sample-cancel-reason")


def _is_there(db: Database, sample: Sample) -> bool:
    query = select(exists().where(tests.c.sample_key == sample.key))
    with db.reading() as tx:
        return bool(tx.execute(query).scalar_one())


def _as_test(sample: Sample, file: Path) -> registration.NewTest:
    return registration.NewTest(
        user_id=sample.user_id,
        title=sample.title,
        test_kind=sample.test_kind,
        file_name=f"{sample.key}{file.suffix}",
        source=file.name,
        sample_key=sample.key,
        test_id=sample_id(sample.key),
    )
