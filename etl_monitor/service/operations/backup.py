"""A consistent copy of a data directory in one file (`archive.py`); `restore.py` is the way back.

The service may run meanwhile: the database is copied as of one moment, and files are never changed
once they have their name. Whatever the database is, its copy is one of SQLite.
"""

import sqlite3
import tarfile
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from etl_monitor.service import startup_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.operations import archive
from etl_monitor.service.results import registration
from etl_monitor.service.storage.copy import copy_rows
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.file_storage import UPLOADS, LocalStorage
from etl_monitor.service.storage.open import open_database

_ATTEMPTS = 5  # a job that completes during the copy removes the scores that it replaces


@dataclass(frozen=True, kw_only=True)
class BackupSummary:
    """What a backup holds. `names`: the files that its database names; `missing`: those of them
    that were gone before. `position`: the number of the newest event."""

    names: Sequence[str]
    position: int
    missing: Sequence[str] = ()

    @property
    def tests(self) -> int:
        return sum(name.startswith(f"{UPLOADS}/") for name in self.names)

    @property
    def files(self) -> int:
        return len(self.names) - len(self.missing)


def back_up(folders: Folders, target: Path) -> BackupSummary:
    """Write a copy of the database and its files to `target`, also while the service runs.

    Raises SettingError if there is no database, if the file cannot be written, or if it would
    replace what is no backup; and DatabaseError if the database is damaged.
    """
    if folders.external_database is None and not folders.database_path.exists():
        raise startup_errors.NothingToBackUp(data_dir=str(folders.root))
    partial = target.with_name(target.name + ".partial")
    for path in (target, partial):
        if not _may_write(folders, path):
            raise startup_errors.BackupWouldReplace(file=str(path))
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            summary = _write_when_complete(folders, Path(folder), partial)
        partial.replace(target)
    except OSError as error:
        raise startup_errors.BackupUnwritable(
            file=str(target), reason=error.strerror or str(error)
        ) from None
    finally:
        partial.unlink(missing_ok=True)
    return summary


def _may_write(folders: Folders, path: Path) -> bool:
    """Whether the place is free, or has an earlier backup. In the folders of the service the next
    start would move or remove it."""
    path, storage = path.resolve(), folders.storage
    roots = [folders.root, *([storage.root] if isinstance(storage, LocalStorage) else [])]
    for root in (each.resolve() for each in roots):
        if path.is_relative_to(root) and (
            path.parent != root or path.name.startswith(folders.database_path.name)
        ):
            return False
        if path.parent == root and path.exists():
            return archive.is_archive(path)
    return not path.is_file() or path.stat().st_size == 0 or archive.is_archive(path)


def _write_when_complete(folders: Folders, folder: Path, partial: Path) -> BackupSummary:
    """Repeat the copy if a file that it names was replaced meanwhile."""
    copy, gone = folder / archive.DATABASE, frozenset[str]()
    for _ in range(_ATTEMPTS):
        copy_database(folders, copy)
        summary = contents(copy, present=folders.files())
        if gone.issuperset(summary.missing):
            try:
                _write_archive(folders, copy, summary, partial)
            except FileNotFoundError:
                continue
            return summary
        gone = frozenset(summary.missing)
    raise OSError("its files were replaced while they were copied")


def copy_database(folders: Folders, target: Path) -> None:
    """Copy the database as of one moment, into a file of SQLite whatever it is."""
    target.unlink(missing_ok=True)
    if folders.external_database is not None:
        with open_database(folders) as live, closing(Database(sqlite_url(target))) as copy:
            copy_rows(live, copy)
        return
    source = folders.database_path
    with closing(sqlite3.connect(source)) as live_file, closing(sqlite3.connect(target)) as file:
        live_file.backup(file)


def contents(copy: Path, *, present: Sequence[str]) -> BackupSummary:
    """Return what a copied database names; `present`: the files that are there."""
    with closing(Database(sqlite_url(copy))) as db, db.reading() as tx:
        db.check(tx)
        names, position = registration.file_names(tx), event_log.position(tx)
    missing = sorted(set(names).difference(present))
    return BackupSummary(names=names, position=position, missing=missing)


def _write_archive(folders: Folders, copy: Path, summary: BackupSummary, target: Path) -> None:
    missing = set(summary.missing)
    with tarfile.open(target, "w") as file:
        writer = archive.Writer(file)
        writer.add(copy, archive.DATABASE)
        for name in summary.names:
            if name not in missing:
                with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                    writer.add(folders.storage.fetch(name, Path(folder)), name)
        writer.finish(summary.missing)
