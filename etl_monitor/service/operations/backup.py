"""A consistent copy of a data directory in one file, and the way back.

The file is a tar archive: `manifest.json`, `etl.sqlite` (whatever the database is), and the answer
files and scores that this database names. The service may run meanwhile: the database is copied as
of one moment, and files are never changed once they have their name.
"""

import io
import json
import re
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from etl_monitor.errors import SettingError
from etl_monitor.service import startup_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.events.database_mark import DatabaseMark, record_mark
from etl_monitor.service.results import registration
from etl_monitor.service.storage import lost_files
from etl_monitor.service.storage.copy import copy_rows
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database, sqlite_url
from etl_monitor.service.storage.file_storage import MARK, UPLOADS, make_folders
from etl_monitor.service.storage.open import database_errors, open_database
from etl_monitor.version import VERSION

_FORMAT = 1
_ATTEMPTS = 5  # a job that completes during the copy removes the scores that it replaces
_DATABASE, _MANIFEST = "etl.sqlite", "manifest.json"
_MEMBER = re.compile(r"(uploads|results)/[A-Za-z0-9-]+(\.[a-z0-9]{1,10})?")


@dataclass(frozen=True, kw_only=True)
class BackupSummary:
    """What a backup holds. `position` is the number of the newest event in it."""

    tests: int
    files: int
    position: int


def back_up(folders: Folders, target: Path) -> BackupSummary:
    """Write a copy of the database and its files to `target`, also while the service runs.

    Raises SettingError if there is no database or the file cannot be written, and DatabaseError if
    the database is damaged.
    """
    if folders.external_database is None and not folders.database_path.exists():
        raise startup_errors.NothingToBackUp(data_dir=str(folders.root))
    partial = target.with_name(target.name + ".partial")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            summary = _write_when_complete(folders, Path(folder) / _DATABASE, partial)
        partial.replace(target)
    except OSError as error:
        raise startup_errors.BackupUnwritable(
            file=str(target), reason=error.strerror or str(error)
        ) from None
    finally:
        partial.unlink(missing_ok=True)
    return summary


def _write_when_complete(folders: Folders, copy: Path, partial: Path) -> BackupSummary:
    """Repeat the copy if a file that it names was replaced meanwhile."""
    for attempt in range(_ATTEMPTS):
        _copy_database(folders, copy)
        summary, names = _contents(copy)
        try:
            _write_archive(folders, copy, names, summary, partial)
        except FileNotFoundError:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        return summary
    raise AssertionError("unreachable")


def _copy_database(folders: Folders, target: Path) -> None:
    """Copy the database as of one moment, into a file of SQLite whatever it is."""
    target.unlink(missing_ok=True)
    if folders.external_database is not None:
        with open_database(folders) as live, closing(Database(sqlite_url(target))) as copy:
            copy_rows(live, copy)
        return
    source = folders.database_path
    with closing(sqlite3.connect(source)) as live_file, closing(sqlite3.connect(target)) as file:
        live_file.backup(file)


def _contents(copy: Path) -> tuple[BackupSummary, Sequence[str]]:
    db = Database(sqlite_url(copy))
    try:
        with db.reading() as tx:
            db.check(tx)
            names = registration.file_names(tx)
            position = event_log.position(tx)
    finally:
        db.close()
    tests = sum(name.startswith(f"{UPLOADS}/") for name in names)
    return BackupSummary(tests=tests, files=len(names), position=position), names


def _write_archive(
    folders: Folders, copy: Path, names: Sequence[str], summary: BackupSummary, target: Path
) -> None:
    manifest = {"format": _FORMAT, "version": VERSION, "files": list(names), "tests": summary.tests}
    with tarfile.open(target, "w") as archive:
        content = json.dumps(manifest).encode()
        header = tarfile.TarInfo(_MANIFEST)
        header.size = len(content)
        archive.addfile(header, io.BytesIO(content))
        archive.add(copy, _DATABASE)
        for name in names:
            with tempfile.TemporaryDirectory(dir=target.parent) as folder:
                archive.add(folders.storage.fetch(name, Path(folder)), name)


def restore(source: Path, folders: Folders, *, replace: bool = False) -> BackupSummary:
    """Put the contents of a backup into the data directory. The caller holds the folders' lock.

    Everything is read and checked before anything is changed. `replace` sets the files that are
    there aside. Raises SettingError if the file is no complete backup, or if the data directory is
    not empty and `replace` is not given.
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
            _fill_database(unpacked / _DATABASE, folders)
        for path in sorted(unpacked.glob("*/*")):
            folders.storage.put(path, path.relative_to(unpacked).as_posix())
        for path in sorted(unpacked.glob(f"{_DATABASE}*")):
            path.replace(folders.root / path.name)
    _give_new_log_id(folders)
    return summary


def _has_database(folders: Folders) -> bool:
    if folders.external_database is None:
        return folders.database_path.exists()
    with database_errors(folders), open_database(folders) as db:
        mark = DatabaseMark.of_database(db)
    return mark is not None and mark.position > 0


def _fill_database(copy: Path, folders: Folders) -> None:
    """Replace what the external database has by the rows of the copy, and remove the copy."""
    with open_database(folders) as db, closing(Database(sqlite_url(copy))) as unpacked:
        copy_rows(unpacked, db)
    for path in copy.parent.glob(f"{_DATABASE}*"):
        path.unlink()


@contextmanager
def _reported(source: Path) -> Iterator[None]:
    try:
        yield
    except SettingError:
        raise
    except (OSError, tarfile.TarError, sqlite3.Error, ValueError, KeyError) as error:
        raise startup_errors.BackupUnusable(file=str(source), reason=str(error)) from None


def _unpack(source: Path, target: Path) -> BackupSummary:
    with tarfile.open(source) as archive:
        for member in archive:
            is_known = member.name in (_MANIFEST, _DATABASE) or _MEMBER.fullmatch(member.name)
            if not member.isfile() or not is_known:
                raise ValueError(f"unexpected entry {member.name[:100]!r}")
            archive.extract(member, target, filter="data")
    manifest = json.loads((target / _MANIFEST).read_text(encoding="utf-8"))
    if manifest["format"] != _FORMAT:
        raise ValueError(f"format {manifest['format']} is not known to this version")
    _check_integrity(target / _DATABASE)
    summary, names = _contents(target / _DATABASE)
    missing = [name for name in names if not (target / name).is_file()]
    if missing:
        raise ValueError(f"{len(missing)} of {len(names)} files are missing, first {missing[0]}")
    return summary


def _check_integrity(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if result != "ok":
        raise ValueError(f"the database is damaged: {result}")


def _set_everything_aside(folders: Folders) -> None:
    lost_files.set_aside(folders.storage, folders.files())
    target = folders.root / lost_files.new_folder(folders.storage)
    make_folders(target)
    if folders.external_database is not None:
        _copy_database(folders, target / _DATABASE)
    for suffix in ("", "-wal", "-shm"):
        path = folders.database_path.with_name(folders.database_path.name + suffix)
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
