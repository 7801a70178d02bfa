"""Open the database of a data directory: the one way for service, workers and commands."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from etl_monitor.service import startup_errors
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import BUSY_TIMEOUT, Database


@contextmanager
def open_database(
    folders: Folders, *, upgrade: bool = False, busy_timeout: float = BUSY_TIMEOUT
) -> Iterator[Database]:
    """Open the database, and close it at the end.

    With `upgrade` its tables are first brought to this version; the caller holds the folders' lock.
    `busy_timeout` is how many seconds a writer waits for another process. Raises SettingError, or
    Unavailable if another program has locked the database.
    """
    db = Database(folders.database_url, busy_timeout=busy_timeout)
    try:
        if upgrade:
            with database_errors(folders.root):
                migrate.upgrade(db)
        yield db
    finally:
        db.close()


@contextmanager
def database_errors(data_dir: Path) -> Iterator[None]:
    """Raise errors of the database as startup errors, which name the data directory."""
    try:
        yield
    except CommandError:
        raise startup_errors.DatabaseNewer(data_dir=str(data_dir)) from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", error))
        if "locked" in reason:
            raise startup_errors.DatabaseLocked(data_dir=str(data_dir)) from None
        raise startup_errors.DatabaseUnusable(data_dir=str(data_dir), reason=reason) from None
