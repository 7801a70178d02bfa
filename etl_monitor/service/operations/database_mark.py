"""Whether the database is the one that the files beside it belong to.

The database names the files beside it. A database that is missing, older, or another one names
fewer of them, and what it does not name would be taken for rubbish. The mark in the data directory
says which database belongs there.
"""

from pathlib import Path

from etl_monitor.service import startup_errors
from etl_monitor.service.events.database_mark import DatabaseMark
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import database_errors, open_database


def check_database(folders: Folders) -> None:
    """Raise SettingError if the database is damaged or does not belong to the files beside it.

    Nothing is created or changed. The caller holds the folders' lock.
    """
    data_dir, mark, files = str(folders.root), DatabaseMark.read(folders), len(folders.files())
    if folders.external_database is None and not _has_file(folders.database_path):
        if mark is not None or files:
            raise startup_errors.DatabaseMissing(data_dir=data_dir, files=files)
        return
    with database_errors(folders), open_database(folders) as db:
        with db.reading() as tx:
            db.check(tx)
        current = DatabaseMark.of_database(db)
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


def _has_file(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0
