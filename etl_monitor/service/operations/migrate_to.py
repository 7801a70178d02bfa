"""Take a laptop's data over to another database: from SQLite to PostgreSQL.

The event log keeps its id and its position, so that followers go on where they were. Answer files
and scores stay in the data directory.
"""

from dataclasses import replace

from etl_monitor.service import startup_errors
from etl_monitor.service.events.database_mark import DatabaseMark, record_mark
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.storage.copy import copy_rows
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import database_errors, open_database
from etl_monitor.urls import without_password


def migrate_to(database_url: str, folders: Folders) -> DatabaseMark:
    """Copy the data directory's SQLite database to another one, which must be empty.

    The caller holds the folders' lock. Returns the mark of the new database. Raises SettingError if
    there is nothing to copy or the other database has data.
    """
    source = replace(folders, external_database=None)
    target = replace(folders, external_database=database_url)
    if not source.database_path.exists():
        raise startup_errors.NothingToBackUp(data_dir=str(folders.root))
    check_database(source)
    with (
        database_errors(target),
        open_database(source, upgrade=True) as old,
        open_database(target, upgrade=True) as new,
    ):
        mark = DatabaseMark.of_database(new)
        if mark is not None and mark.position > 0:
            raise startup_errors.MigrationTargetUsed(database=without_password(database_url))
        copy_rows(old, new)
        record_mark(new, folders)
        with new.reading() as tx:
            return DatabaseMark.of_tables(tx)
