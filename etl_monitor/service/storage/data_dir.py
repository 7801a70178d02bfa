"""The data directory: its folders, and the lock that keeps a second service out."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout, lock_descriptor

from etl_monitor.service import startup_errors, storage_errors
from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.storage.database import sqlite_url
from etl_monitor.service.storage.file_storage import (
    RESULTS,
    UPLOADS,
    Storage,
    remove_path,
)
from etl_monitor.service.storage.open_storage import open_storage
from etl_monitor.settings import Settings

MIN_FREE_SPACE = 50_000_000  # bytes; with less free space the service accepts no uploads

_PRIVATE = 0o700
_READ_AND_WRITE = os.O_RDWR | os.O_CREAT
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")


@dataclass(frozen=True, kw_only=True)
class Folders:
    """The folders of a data directory, and the address of the database that names their files.

    `work/` has one folder for each running job, `incoming/` uploads in progress. The storage has
    `uploads/` with the answer files, `results/` with the scores, and `lost/` with files that the
    database does not name. The service chooses all file names; names that people gave are never
    used.
    """

    root: Path
    # PostgreSQL's address, which may contain a password; unset: SQLite in the data directory.
    external_database: str | None = field(default=None, repr=False)
    storage_url: str | None = None  # unset: the data directory

    @classmethod
    def of(cls, settings: Settings, data_dir: Path | None = None) -> Self:
        """Return the folders of the settings, or of another data directory."""
        url = settings.database_url
        return cls(
            root=(data_dir or settings.data_dir).absolute(),
            external_database=url.get_secret_value() if url else None,
            storage_url=settings.storage_url,
        )

    @property
    def storage(self) -> Storage:
        return open_storage(self.storage_url, self.root, self.incoming)

    @property
    def location(self) -> str:
        """Where database and files are, for messages."""
        return f"{self.root} ({self.storage_url})" if self.storage_url else str(self.root)

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def database_path(self) -> Path:
        return self.root / "etl.sqlite"

    @property
    def database_url(self) -> str:
        return self.external_database or sqlite_url(self.database_path)

    def has_space(self, size: int = 0) -> bool:
        """Return whether the disk has room for `size` bytes and for the database to grow."""
        return shutil.disk_usage(self.root).free >= size + MIN_FREE_SPACE

    def prepare(self) -> None:
        """Make the folders, here and in the storage. Raises SettingError if they are not writable,
        and Unavailable if the storage does not answer."""
        self.prepare_own()
        if self.storage_url is not None:
            self._prepare_storage(self.storage_url)

    def prepare_own(self) -> None:
        """Make the folders of this machine. Raises SettingError if they are not writable."""
        try:
            for folder in (self.root, self.work, self.incoming):
                folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
            if self.storage_url is None:
                self.storage.prepare()
        except OSError as error:
            reason = error.strerror or str(error)
            raise startup_errors.DataDirUnwritable(data_dir=str(self.root), reason=reason) from None

    def _prepare_storage(self, url: str) -> None:
        try:
            self.storage.prepare()
        except StorageUnavailable as error:
            if error.reason == "unreachable":
                raise storage_errors.StorageUnreachable(storage=url) from None
            reason = error.in_words
            raise storage_errors.StorageUnusable(storage=url, reason=reason) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise storage_errors.StorageUnusable(storage=url, reason=reason) from None

    def lock(self) -> ExitStack:
        """Take the locks that keep other services out; the context that is returned releases them.

        The system releases them when this process ends, even if it is killed. Raises SettingError
        if another service holds one.
        """
        with ExitStack() as locks:
            try:
                locks.enter_context(FileLock(self._lock_file, timeout=0))
            except Timeout:
                raise self._in_use() from None
            if sys.platform != "win32":  # where an open file cannot be deleted
                locks.enter_context(self._locked_root())
            return locks.pop_all()

    def share(self) -> ExitStack:
        """Take the locks as one of several services: they keep out only one that is to be alone."""
        with ExitStack() as locks:
            if sys.platform != "win32":  # which runs no Celery
                locks.callback(os.close, self._shared(os.open(self._lock_file, _READ_AND_WRITE)))
                locks.callback(os.close, self._shared(os.open(self.root, os.O_RDONLY)))
            return locks.pop_all()

    @property
    def _lock_file(self) -> Path:
        return self.root / "service.lock"

    def _shared(self, descriptor: int) -> int:
        """Lock a file together with other services. Closes it and raises if one is alone."""
        import fcntl  # not on Windows

        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise self._in_use() from None
        except OSError:
            pass  # some network file systems lock no directories
        return descriptor

    @contextmanager
    def _locked_root(self) -> Iterator[None]:
        """Lock the directory itself: the lock file of a running service may have been deleted."""
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network file systems lock no directories
                if not lock_descriptor(descriptor, blocking=False):
                    raise self._in_use()
            yield
        finally:
            os.close(descriptor)

    def _in_use(self) -> startup_errors.DataDirInUse:
        return startup_errors.DataDirInUse(data_dir=str(self.root))

    def files(self) -> Sequence[str]:
        """Return the names of the answer files and the score files."""
        return [*self.storage.names(UPLOADS), *self.storage.names(RESULTS)]

    def remove_scratch(self, *, jobs_run: bool) -> None:
        """Remove what jobs and uploads of an earlier run left unfinished: no record names it.
        `jobs_run`: on other machines, so that the folders of jobs stay."""
        for folder in (self.incoming,) if jobs_run else (self.work, self.incoming):
            for path in folder.iterdir():
                remove_path(path)

    def work_dir(self, job_id: str) -> Path:
        """Make an empty work folder for the job."""
        folder = self.work / job_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=_PRIVATE, parents=True)
        return folder

    def answer_file(self, source: str, job_id: str) -> Path:
        """Return the path of an answer file, for the job that reads it. Raises
        FileNotFoundError."""
        return self.storage.fetch(f"{UPLOADS}/{source}", self.work / source_folder_name(job_id))

    def remove_work_dir(self, job_id: str) -> None:
        """Remove all that the job has on this machine."""
        for name in (job_id, source_folder_name(job_id)):
            shutil.rmtree(self.work / name, ignore_errors=True)

    def store_scores(self, scores: Path, job_id: str) -> str:
        """Move a job's scores to `results/`. Returns the name of the file there."""
        return self._store_result(scores, scores_name(job_id))

    def store_rejected(self, rows: Path, job_id: str) -> str:
        """Move a job's rejected rows to `results/`. Returns the name of the file there."""
        return self._store_result(rows, rejected_name(job_id))

    def _store_result(self, file: Path, name: str) -> str:
        self.storage.put(file, f"{RESULTS}/{name}")
        return name


def source_folder_name(job_id: str) -> str:
    """Return the name of the folder for a copy of the answer file: the work folder is empty when
    the job's first step begins."""
    return f"{job_id}-source"


def scores_name(job_id: str) -> str:
    return f"{job_id}.parquet"


def rejected_name(job_id: str) -> str:
    return f"{job_id}-rejected.parquet"


def suffix_of(file_name: str) -> str:
    """Return the lower-case extension of an uploaded file's name, or "" if it is unusual.

    The extension selects the file's format, so it is the only part of such a name used in a path.
    """
    suffix = Path(file_name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""
