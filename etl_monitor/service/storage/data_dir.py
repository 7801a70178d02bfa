"""The data directory: what lies where, and that only one service uses it."""

import os
import re
import shutil
import tempfile
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from etl_monitor.service import startup_errors
from etl_monitor.service.storage.database import sqlite_url

MIN_FREE_SPACE = 50_000_000  # bytes; with less on the disk nothing new is taken in

_OURS_ALONE = 0o700
_SUFFIX = re.compile(r"\.[a-z0-9]{1,10}")


@dataclass(frozen=True, kw_only=True)
class Folders:
    """`uploads/` answer files, `results/` scores, `work/` one folder for each running job,
    `incoming/` what is being uploaded. File names in them are ours, never a person's."""

    root: Path

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def work(self) -> Path:
        return self.root / "work"

    @property
    def incoming(self) -> Path:
        return self.root / "incoming"

    @property
    def database_url(self) -> str:
        return sqlite_url(self.root / "etl.sqlite")

    def has_space(self, size: int = 0) -> bool:
        """For so many bytes, and for the database to go on."""
        return shutil.disk_usage(self.root).free >= size + MIN_FREE_SPACE

    def prepare(self) -> None:
        """Raises SettingError where the directory cannot be written to."""
        try:
            for folder in (self.root, self.uploads, self.results, self.work, self.incoming):
                folder.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.root):
                pass
        except OSError as error:
            reason = error.strerror or str(error)
            raise startup_errors.DataDirUnwritable(data_dir=str(self.root), reason=reason) from None

    def lock(self) -> FileLock:
        """Held until it is released or this process ends, in whatever way. Raises SettingError."""
        lock = FileLock(self.root / "service.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise startup_errors.DataDirInUse(data_dir=str(self.root)) from None
        return lock

    def clear(self, *, uploads: Collection[str], results: Collection[str]) -> None:
        """Remove what an earlier life left behind: everything that no record names."""
        _remove_others(self.uploads, uploads)
        _remove_others(self.results, results)
        _remove_others(self.work, ())
        _remove_others(self.incoming, ())

    def job_files(self) -> Sequence[Path]:
        """Files of scores, and folders of running jobs, as they lie there now."""
        return [*self.results.iterdir(), *self.work.iterdir()]

    def work_dir(self, job_id: str) -> Path:
        """A new, empty folder."""
        folder = self.work / job_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=_OURS_ALONE, parents=True)
        return folder

    def remove_work_dir(self, job_id: str) -> None:
        shutil.rmtree(self.work / job_id, ignore_errors=True)

    def store_scores(self, scores: Path, job_id: str) -> str:
        """Move a job's scores to the results. Returns their name there."""
        name = scores_name(job_id)
        os.replace(scores, self.results / name)  # noqa: PTH105  # replaces on every system
        return name


def scores_name(job_id: str) -> str:
    return f"{job_id}.parquet"


def suffix_of(file_name: str) -> str:
    """The ending of a person's file name, where it is a plain one; else none. Formats are told
    apart by it, so it is the only part of such a name that ever gets into a path."""
    suffix = Path(file_name).suffix.lower()
    return suffix if _SUFFIX.fullmatch(suffix) else ""


def remove(path: Path) -> None:
    """A file or a folder. Where Windows holds on to it, the next start clears it away."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _remove_others(folder: Path, wanted: Collection[str]) -> None:
    for path in folder.iterdir():
        if path.name not in wanted:
            remove(path)
