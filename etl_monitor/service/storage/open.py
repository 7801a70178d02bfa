"""Open the database of a data directory: the one way for service, workers and commands."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service import startup_errors
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import BUSY_TIMEOUT, Database
from etl_monitor.urls import without_password


@contextmanager
def open_database(
    folders: Folders, *, upgrade: bool = False, busy_timeout: float = BUSY_TIMEOUT
) -> Iterator[Database]:
    """Open the database, and close it at the end.

    With `upgrade` its tables are first brought to this version; the caller holds the folders' lock.
    `busy_timeout` is how many seconds a writer waits for another process. Raises SettingError, or
    Unavailable if another program has locked the database.
    """
    with database_errors(folders):
        db = _connect(folders, busy_timeout)
    try:
        if upgrade:
            with database_errors(folders):
                migrate.upgrade(db)
        yield db
    finally:
        db.close()


def _connect(folders: Folders, busy_timeout: float) -> Database:
    try:
        return Database(folders.database_url, busy_timeout=busy_timeout)
    except ModuleNotFoundError as error:
        raise startup_errors.DriverMissing(module=error.name or "psycopg") from None


@contextmanager
def in_sole_use(folders: Folders) -> Iterator[None]:
    """Keep services out, for a command that changes what they use. Raises SettingError if one
    runs."""
    with folders.lock(), open_database(folders) as db, closing(db.service_locks()) as locks:
        with database_errors(folders):
            if not locks.enter_alone():
                database = without_password(folders.database_url)
                raise startup_errors.DatabaseInUse(database=database)
        yield


@contextmanager
def database_errors(folders: Folders) -> Iterator[None]:
    """Raise errors of the database as startup errors, which name the database."""
    data_dir = str(folders.root)
    try:
        yield
    except migrate.NewerDatabase:
        raise startup_errors.DatabaseNewer(data_dir=data_dir) from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error))
        if "database is locked" in reason or "lock timeout" in reason:
            raise startup_errors.DatabaseLocked(data_dir=data_dir) from None
        if folders.external_database is not None:
            url = without_password(folders.external_database)
            raise startup_errors.DatabaseUnreachable(database=url, reason=reason) from None
        raise startup_errors.DatabaseUnusable(data_dir=data_dir, reason=reason) from None
