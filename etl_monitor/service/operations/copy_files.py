"""Copy the files of a service to another storage: from the data directory to a bucket, or back."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from etl_monitor.service import storage_errors
from etl_monitor.service.events.database_mark import DatabaseMark, record_mark
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.results.registration import file_names
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.file_storage import Storage
from etl_monitor.service.storage.open import open_database


def copy_files(storage_url: str, folders: Folders) -> int:
    """Copy every file that the database names. The caller holds the folders' lock.

    The files here stay, and their mark says that others go on. A copy that was interrupted goes on
    where it was. Returns how many files there are. Raises SettingError if the database does not
    belong to the files or the other storage is another database's, and StorageUnavailable.
    """
    check_database(folders)
    target = replace(folders, storage_url=storage_url)
    target.prepare()
    with open_database(folders, upgrade=True) as db:
        with db.reading() as tx:
            names, mark = file_names(tx), DatabaseMark.of_tables(tx)
        there = DatabaseMark.read(target)
        if there is not None and there.log_id != mark.log_id:
            raise storage_errors.StorageUsed(storage=storage_url)
        for name in names:
            _copy(name, folders, target.storage)
        record_mark(db, target)
    replace(mark, moved_to=storage_url).write(folders)
    return len(names)


def _copy(name: str, folders: Folders, target: Storage) -> None:
    """Copy a file, unless it is there. What is missing here stays missing there."""
    size = folders.storage.size(name)
    if size is None or size == target.size(name):
        return
    with tempfile.TemporaryDirectory(dir=folders.incoming) as folder:
        path = folders.storage.fetch(name, Path(folder))
        copy = Path(folder) / "copy"
        shutil.copyfile(path, copy)  # the storage moves what it is given
        target.put(copy, name)
