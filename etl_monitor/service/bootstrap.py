"""Open a data directory and assemble the service."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from fastapi import FastAPI

from etl_monitor.errors import SettingError
from etl_monitor.pipeline.base import Pipeline
from etl_monitor.service import engine_errors, startup_errors
from etl_monitor.service.access.principal import AdminToken
from etl_monitor.service.access.tokens import StoredTokens
from etl_monitor.service.app import make_app
from etl_monitor.service.border.kinds import kind_problems, offered_kinds
from etl_monitor.service.engines.base import Engine
from etl_monitor.service.engines.engine_lock import engine_lock
from etl_monitor.service.engines.local import LocalEngine
from etl_monitor.service.engines.worker import WorkerPlan
from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.events import event_log
from etl_monitor.service.events.database_mark import check_shared, record_mark
from etl_monitor.service.events.notifications import NotificationListener
from etl_monitor.service.events.tail import EventTail
from etl_monitor.service.feed import COMMENT_INTERVAL, Feed
from etl_monitor.service.jobs import rules
from etl_monitor.service.jobs.rules import QueueRules
from etl_monitor.service.operations import retention
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.operations.leader import Leader
from etl_monitor.service.operations.metrics import Metrics, Sources
from etl_monitor.service.pipeline_loader import load_pipeline
from etl_monitor.service.results import registration
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.process import start_seeding
from etl_monitor.service.samples.replay import SampleReplay
from etl_monitor.service.samples.state import SampleState
from etl_monitor.service.service import Service
from etl_monitor.service.startup_errors import DatabaseUnusable
from etl_monitor.service.storage import lost_files, migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import database_errors, open_database
from etl_monitor.service.storage.service_locks import ServiceLocks
from etl_monitor.settings import Settings
from etl_monitor.urls import without_password

_log = logging.getLogger(__name__)

REQUEST_BUSY_TIMEOUT = 5.0  # seconds that a request waits for a locked database


@contextmanager
def open_service(
    settings: Settings, *, accept_database: bool = False
) -> Iterator[tuple[FastAPI, Service]]:
    """Open the data directory and return the application and its service.

    The engine and, in the service that leads, seeding start with the application.
    `accept_database`: start with a database that does not belong to the files beside it. Raises
    SettingError, Unavailable, and PipelineError if the pipeline cannot say which test kinds it has.
    """
    pipeline = load_pipeline(settings.pipeline)
    # A pipeline that has none to say cannot start.
    kinds = {kind.key for kind in offered_kinds(pipeline, settings.kinds_dir)}
    for kind in QueueRules.of(settings).kind_limits.keys() - kinds:
        _log.warning("limit_of_unknown_kind", extra={"test_kind": kind})
    kind_problems(pipeline, settings.kinds_dir)  # logs each broken definition
    folders = Folders.of(settings)
    folders.prepare()
    # Uploads are buffered there too, not on another disk that may be smaller.
    tempfile.tempdir = str(folders.incoming)
    has_others = settings.broker_url is not None
    with (
        folders.share() if has_others else folders.lock(),
        open_database(folders, busy_timeout=REQUEST_BUSY_TIMEOUT) as db,
        closing(db.service_locks()) as locks,
    ):
        is_alone = _enter(folders, locks, settings)
        with _only_engine(db, folders, settings):
            with database_errors(folders):
                if is_alone:
                    _check(db, folders, accept=accept_database)
                    with _writable(folders):
                        _prepare(db, folders, settings)
                else:
                    _check_joined(db, folders)
                if is_alone and has_others:
                    locks.let_others_in()
                with db.writing() as tx:  # of several services the last one that starts decides
                    rules.store(tx, QueueRules.of(settings))
                service = _assemble(settings, folders, db, pipeline, locks)
            with closing(service.sample_replay):
                yield make_app(service), service
            with suppress(StorageUnavailable), database_errors(folders):
                record_mark(db, folders)


def _enter(folders: Folders, locks: ServiceLocks, settings: Settings) -> bool:
    """Become the only service of the database, or, with a broker, one of several. Returns whether
    there is no other one."""
    with database_errors(folders):
        if locks.enter_alone():
            return True
        if settings.broker_url is None:
            raise startup_errors.DatabaseInUse(database=without_password(folders.database_url))
        locks.enter()
        return False


def _check_joined(db: Database, folders: Folders) -> None:
    """Raise an error if the other services are of another version or have other files."""
    with db.reading() as tx:
        if not migrate.is_current(tx):
            raise startup_errors.UpgradeWaits(database=without_password(folders.database_url))
        check_shared(tx, folders)


def _check(db: Database, folders: Folders, *, accept: bool) -> None:
    """Bring the database to this version if it belongs to the files beside it, or if `accept` is
    set."""
    try:
        check_database(folders)
    except DatabaseUnusable:
        raise
    except SettingError as error:
        if not accept:
            raise
        _log.warning("database_accepted", extra={"code": error.code, "details": error.details})
    else:
        accept = False
    migrate.upgrade(db)
    if accept:  # positions may be assigned a second time: followers must take the list again
        with db.writing() as tx:
            event_log.renew_id(tx)


@contextmanager
def _writable(folders: Folders) -> Iterator[None]:
    """Raise SettingError if a file cannot be moved or written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise startup_errors.DataDirUnwritable(data_dir=str(folders.root), reason=reason) from None


@contextmanager
def _only_engine(db: Database, folders: Folders, settings: Settings) -> Iterator[None]:
    """Keep workers of Celery away while this service runs the jobs itself: it would end theirs."""
    if settings.broker_url is not None:
        yield
        return
    with engine_lock(db, shared=False) as is_free:
        if not is_free:
            raise engine_errors.WorkersRunJobs(database=without_password(folders.database_url))
        yield


def _prepare(db: Database, folders: Folders, settings: Settings) -> None:
    """Give a new event log its id, and set aside the files that no record names."""
    with db.writing() as tx:
        event_log.prepare(tx)
        sample_state.begin_seeding(tx, settings.samples)
    lost_files.set_aside(folders.storage, registration.unnamed_files(db, folders))
    # With a broker, jobs may run on other machines already now.
    folders.remove_scratch(jobs_run=settings.broker_url is not None)
    record_mark(db, folders)


def _assemble(
    settings: Settings, folders: Folders, db: Database, pipeline: Pipeline, locks: ServiceLocks
) -> Service:
    tail = EventTail(db)
    housekeeper = Housekeeper(db, folders, retention.retention_policy(settings))
    leader = Leader(
        locks,
        lambda: _duties(settings, folders, db, housekeeper),
        has_others=settings.broker_url is not None,
    )
    feed = Feed(db, tail, comment_interval=min(COMMENT_INTERVAL, settings.feed_heartbeat * 2 / 3))
    engine = _engine(settings, folders, db)
    sources = Sources(
        db=db, folders=folders, engine=engine, feed=feed, housekeeper=housekeeper, leader=leader
    )
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
        notifications=None if db.is_sqlite else NotificationListener(db, tail.notify),
        feed=feed,
        tokens=AdminToken(token, StoredTokens(db)),
        housekeeper=housekeeper,
        leader=leader,
        metrics=Metrics(sources),
        sample_replay=SampleReplay(db),
    )


def _engine(settings: Settings, folders: Folders, db: Database) -> Engine:
    if settings.broker_url is not None:
        return _remote_engine(settings.broker_url.get_secret_value(), folders, db)
    return LocalEngine(
        db,
        _plan(settings, folders),
        workers=settings.workers or os.cpu_count() or 1,
        hung_after=settings.hung_after,
        stop_grace=settings.stop_grace,
    )


def _remote_engine(broker_url: str, folders: Folders, db: Database) -> Engine:
    if db.is_sqlite:
        raise engine_errors.BrokerNeedsDatabase()
    try:  # an extra: the local engine does without it
        from etl_monitor.service.engines.hints import Hints
        from etl_monitor.service.engines.remote import RemoteEngine
    except ModuleNotFoundError as error:
        raise engine_errors.CeleryMissing(module=error.name or "celery") from None
    return RemoteEngine(db, folders, Hints(broker_url))


def _plan(settings: Settings, folders: Folders) -> WorkerPlan:
    return WorkerPlan(
        folders=folders,
        pipeline=settings.pipeline,
        kinds_dir=settings.kinds_dir,
    )


@contextmanager
def _duties(
    settings: Settings, folders: Folders, db: Database, housekeeper: Housekeeper
) -> Iterator[None]:
    """What one of several services does."""
    with db.reading() as tx:
        is_seeding = sample_state.state(tx) is SampleState.SEEDING
    with ExitStack() as stack:
        if is_seeding and settings.samples is not False:
            process = start_seeding(_plan(settings, folders), settings.samples_minutes)
            stack.callback(process.join)
            stack.callback(process.kill)
        housekeeper.start()
        stack.callback(housekeeper.stop)
        yield
