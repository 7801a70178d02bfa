"""Opens a data directory and puts the service together."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.pipeline.base import Pipeline
from etl_monitor.service import startup_errors
from etl_monitor.service.access.principal import AdminToken
from etl_monitor.service.access.tokens import StoredTokens
from etl_monitor.service.app import make_app
from etl_monitor.service.engines.local import LocalEngine
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.events import event_log
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.feed import COMMENT_EVERY, Feed
from etl_monitor.service.operations import retention
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.metrics import Metrics, Sources
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.results import registration
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.seeding import start_seeding
from etl_monitor.service.service import Service
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.settings import Settings

REQUESTS_WAIT = 5.0  # seconds, where somebody else has locked the database


@contextmanager
def open_service(settings: Settings) -> Iterator[tuple[FastAPI, Service]]:
    """Raises SettingError, and PipelineError for a broken test kind. The engine starts with the
    application, seeding now."""
    pipeline = load_pipeline(settings.pipeline)
    pipeline.kinds(settings.kinds_dir)  # a broken definition is better told now than to a person
    folders = Folders(root=settings.data_dir)
    folders.prepare()
    # Files that are being received lie there too, not on another disk that may be smaller.
    tempfile.tempdir = str(folders.incoming)
    with folders.lock():
        db = Database(folders.database_url, busy_timeout=REQUESTS_WAIT)
        try:
            _bring_up_to_date(db, folders)
            service = _put_together(settings, folders, db, pipeline)
            with _seeding(db, _plan(settings, folders), settings.samples):
                yield make_app(service), service
        finally:
            db.close()


def _bring_up_to_date(db: Database, folders: Folders) -> None:
    try:
        migrate.upgrade(db)
    except CommandError:
        raise startup_errors.DatabaseNewer(data_dir=str(folders.root)) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))
        if "locked" in reason:
            raise startup_errors.DatabaseLocked(data_dir=str(folders.root)) from None
        raise startup_errors.DatabaseUnusable(data_dir=str(folders.root), reason=reason) from None
    with db.writing() as tx:
        event_log.prepare(tx)
        uploads, scores = registration.referenced_files(tx)
    folders.clear(uploads=uploads, results=scores)


def _put_together(
    settings: Settings, folders: Folders, db: Database, pipeline: Pipeline
) -> Service:
    tail = EventTail(db)
    housekeeper = Housekeeper(db, folders, retention.retention_policy(settings))
    feed = Feed(db, tail, comment_every=min(COMMENT_EVERY, settings.feed_heartbeat * 2 / 3))
    workers = settings.workers or os.cpu_count() or 1
    engine = LocalEngine(
        db, _plan(settings, folders), workers=workers, hung_after=settings.hung_after
    )
    sources = Sources(db=db, folders=folders, engine=engine, feed=feed, housekeeper=housekeeper)
    token = settings.api_token.get_secret_value() if settings.api_token else ""
    with db.reading() as tx:
        service_id = event_log.log_id(tx)
    return Service(
        service_id=service_id,
        settings=settings,
        folders=folders,
        db=db,
        pipeline=pipeline,
        engine=engine,
        tail=tail,
        feed=feed,
        tokens=AdminToken(token, StoredTokens(db)),
        housekeeper=housekeeper,
        metrics=Metrics(sources),
    )


def _plan(settings: Settings, folders: Folders) -> WorkerPlan:
    return WorkerPlan(
        data_dir=folders.root,
        database_url=folders.database_url,
        pipeline=settings.pipeline,
        kinds_dir=settings.kinds_dir,
    )


@contextmanager
def _seeding(db: Database, plan: WorkerPlan, setting: bool | None) -> Iterator[None]:
    with db.writing() as tx:
        wanted = sample_state.begin(tx, setting)
    process = start_seeding(plan) if wanted else None
    try:
        yield
    finally:
        if process is not None:
            process.kill()
            process.join()
