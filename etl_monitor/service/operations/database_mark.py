"""Whether the database is the one that the files beside it belong to.

The database names the files beside it. A database that is missing, older, or another one names
fewer of them, and what it does not name would be taken for rubbish. The mark in the data directory
says which database belongs there.
"""

from pathlib import Path

from etl_monitor.service import startup_errors, storage_errors
from etl_monitor.service.events.database_mark import DatabaseMark, check_not_moved
from etl_monitor.service.results.registration import file_names
from etl_monitor.service.storage import migrate
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import database_errors, open_database


def check_database(folders: Folders) -> None:
    """Raise SettingError if the database is damaged or does not belong to the files beside it.

    Nothing is created or changed. The caller holds the folders' lock.
    """
    data_dir, mark, files = folders.location, DatabaseMark.read(folders), len(folders.files())
    check_not_moved(mark, folders)
    if folders.external_database is None and not _has_file(folders.database_path):
        if mark is not None or files:
            raise startup_errors.DatabaseMissing(data_dir=data_dir, files=files)
        return
    with database_errors(folders), open_database(folders) as db:
        with db.reading() as tx:
            db.check(tx)
        current = DatabaseMark.of_database(db)
        if mark is None and current is not None and folders.storage_url is not None:
            _check_names_no_files(db, folders.storage_url)
    if mark is None:
        if files and (current is None or current.position == 0):
            raise startup_errors.DatabaseNew(data_dir=data_dir, files=files)
        return
    if current is None or current.log_id != mark.log_id:
        raise startup_errors.DatabaseForeign(data_dir=data_dir, files=files)
    if current.position < mark.position:
        raise startup_errors.DatabaseOlder(
            data_dir=data_dir, position=current.position, marked=mark.position
        )


def _check_names_no_files(db: Database, storage: str) -> None:
    """A storage without a mark is no database's yet."""
    with db.reading() as tx:
        if not migrate.is_current(tx):
            return
        files = len(file_names(tx))
    if files:
        raise storage_errors.StorageWithoutFiles(storage=storage, files=files)


def _has_file(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
