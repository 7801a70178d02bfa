"""Put the contents of a backup into a data directory."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from etl_monitor.service import startup_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.events.database_mark import DatabaseMark, record_mark
from etl_monitor.service.operations import archive
from etl_monitor.service.operations.backup import BackupSummary, contents, copy_database
from etl_monitor.service.storage import lost_files, migrate
from etl_monitor.service.storage.copy import copy_rows
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.file_storage import MARK, make_folders
from etl_monitor.service.storage.open import database_errors, open_database

_SQLITE_FILES = ("", "-wal", "-shm", "-journal")
"""What the names of SQLite's files end with. It would take a `-wal` that another database left
behind for a part of the restored one."""


def restore(source: Path, folders: Folders, *, replace: bool = False) -> BackupSummary:
    """Put the contents of a backup into the data directory. The caller holds the folders' lock.

    Everything is read, checked and brought to this version before anything is changed. `replace`
    sets the files that are there aside. Raises SettingError if the file is no complete backup, or
    if the data directory is not empty and `replace` is not given.
    """
    is_used = _has_database(folders) or len(folders.files()) > 0
    if is_used and not replace:
        raise startup_errors.RestoreTargetUsed(data_dir=str(folders.root))
    with tempfile.TemporaryDirectory(dir=folders.incoming) as folder:
        unpacked = Path(folder)
        with _reported(source):
            summary = _unpack(source, unpacked)
        if is_used:
            _set_everything_aside(folders)
        if folders.external_database is not None:
            _fill_database(unpacked / archive.DATABASE, folders)
        for path in sorted(unpacked.glob("*/*")):
            folders.storage.put(path, path.relative_to(unpacked).as_posix())
        for path in sorted(unpacked.glob(f"{archive.DATABASE}*")):
            path.replace(folders.root / path.name)
    _give_new_log_id(folders)
    return summary


def _has_database(folders: Folders) -> bool:
    if folders.external_database is None:
        return any(path.exists() for path in _database_files(folders))
    with database_errors(folders), open_database(folders) as db:
        mark = DatabaseMark.of_database(db)
    return mark is not None and mark.position > 0


def _database_files(folders: Folders) -> Iterator[Path]:
    path = folders.database_path
    return (path.with_name(path.name + end) for end in _SQLITE_FILES)


def _fill_database(copy: Path, folders: Folders) -> None:
    """Replace what the external database has by the rows of the copy, and remove the copy."""
    with open_database(folders) as db, closing(Database(sqlite_url(copy))) as unpacked:
        copy_rows(unpacked, db)
    for path in copy.parent.glob(f"{archive.DATABASE}*"):
        path.unlink()


@contextmanager
def _reported(source: Path) -> Iterator[None]:
    try:
        yield
    except migrate.NewerDatabase:
        raise startup_errors.BackupNewer(file=str(source)) from None
    except Exception as error:  # noqa: BLE001  # each way of compressing has errors of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise startup_errors.BackupUnusable(file=str(source), reason=reason) from None


def _unpack(source: Path, target: Path) -> BackupSummary:
    manifest = archive.unpack(source, target)
    _upgrade(target / archive.DATABASE)
    files = (path for path in target.glob("*/*") if path.is_file())
    present = [path.relative_to(target).as_posix() for path in files]
    summary = contents(target / archive.DATABASE, present=present)
    missing = sorted(set(summary.missing).difference(manifest.missing))
    if missing:
        total = len(summary.names)
        raise ValueError(f"{len(missing)} of {total} files are missing, first {missing[0]}")
    return summary


def _upgrade(path: Path) -> None:
    """Check the unpacked database, and bring its tables to this version."""
    if not path.exists():
        raise ValueError("it has no database")
    with closing(sqlite3.connect(path)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if result != "ok":
        raise ValueError(f"the database is damaged: {result}")
    with closing(Database(sqlite_url(path))) as db:
        if DatabaseMark.of_database(db) is None:
            raise ValueError("its database is that of another program")
        migrate.upgrade(db)


def _set_everything_aside(folders: Folders) -> None:
    lost_files.set_aside(folders.storage, folders.files())
    target = folders.root / lost_files.new_folder(folders.storage)
    make_folders(target)
    if folders.external_database is not None:
        copy_database(folders, target / archive.DATABASE)
    for path in _database_files(folders):
        if path.exists():
            path.rename(target / path.name)
    folders.storage.remove(MARK)


def _give_new_log_id(folders: Folders) -> None:
    """Positions after the backup are assigned a second time: followers must take the list again."""
    with (
        database_errors(folders),
        open_database(folders, upgrade=True) as db,
    ):
        with db.writing() as tx:
            event_log.renew_id(tx)
        record_mark(db, folders)
