"""Where the answer files, the scores and the rejected rows are: a folder, or an object store.

Files are named as in a data directory: `uploads/…`, `results/…`, `lost/…` and the database's mark.
A file never changes once it has its name. So a result is replaced in one step by the transaction
that names other files, and a reader is not disturbed by what comes after (ADR 33).
"""

import errno
import os
import shutil
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from etl_monitor.service.errors import StorageUnavailable

UPLOADS, RESULTS, LOST = "uploads", "results", "lost"
MARK = "database-mark.json"

_PRIVATE = 0o700


class Storage(Protocol):
    """All operations raise StorageUnavailable if the storage cannot be used; `remove` does not.

    `location`: how messages name the storage. `listing_interval`: seconds between two listings of
    all files, which an object store charges for.
    """

    @property
    def location(self) -> str: ...
    @property
    def listing_interval(self) -> float: ...

    def prepare(self) -> None:
        """Check that files can be stored. Raises SettingError, OSError or StorageUnreachable."""

    def check(self) -> None:
        """Check that the storage answers, at little cost."""

    def open(self, name: str) -> BinaryIO:
        """Open a file, which can be read to its end whatever happens to it meanwhile.

        Raises FileNotFoundError.
        """

    def fetch(self, name: str, folder: Path) -> Path:
        """Return a path of the file, to be read only: its own, or that of a copy in `folder`.

        Raises FileNotFoundError.
        """

    def put(self, source: Path, name: str) -> None:
        """Move a file of the local disk here; another one of that name is replaced in one step."""

    def move(self, name: str, to: str) -> None:
        """Give a file another name. Raises FileNotFoundError."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there and the storage can be used."""

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of what is in a folder, the folder included."""

    def names_below(self, folder: str) -> Sequence[str]:
        """Return the names of all files below a folder, in order."""

    def size(self, name: str) -> int | None:
        """Return a file's size in bytes, None if it is not there."""


@dataclass(frozen=True, kw_only=True)
class LocalStorage:
    """A folder: the data directory, or one that several machines mount."""

    root: Path
    listing_interval: float = 0.0

    @property
    def location(self) -> str:
        return str(self.root)

    def prepare(self) -> None:
        for folder in (UPLOADS, RESULTS):
            (self.root / folder).mkdir(mode=_PRIVATE, exist_ok=True)

    def check(self) -> None:
        if not os.access(self.root, os.W_OK):
            raise StorageUnavailable(reason="unreachable")

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")

    def fetch(self, name: str, folder: Path) -> Path:
        path = self.root / name
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return path

    def put(self, source: Path, name: str) -> None:
        target = self.root / name
        try:
            os.replace(source, target)  # noqa: PTH105  # replaces on Windows as well
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._put_from_another_disk(source, target)

    def _put_from_another_disk(self, source: Path, target: Path) -> None:
        partial = self.root / f"{uuid.uuid4()}.partial"
        try:
            shutil.copyfile(source, partial)
            os.replace(partial, target)  # noqa: PTH105
        finally:
            remove_path(partial)
        remove_path(source)

    def move(self, name: str, to: str) -> None:
        target = self.root / to
        make_folders(target.parent)
        (self.root / name).rename(target)

    def remove(self, name: str) -> None:
        remove_path(self.root / name)

    def names(self, folder: str) -> Sequence[str]:
        return [f"{folder}/{path.name}" for path in (self.root / folder).iterdir()]

    def names_below(self, folder: str) -> Sequence[str]:
        found = (self.root / folder).rglob("*")
        paths = (path for path in found if path.is_file() and not path.is_symlink())
        return [path.relative_to(self.root).as_posix() for path in sorted(paths)]

    def size(self, name: str) -> int | None:
        try:
            return (self.root / name).stat().st_size
        except FileNotFoundError:
            return None


def base_name(name: str) -> str:
    """Return the last part of a name, which the database stores."""
    return PurePosixPath(name).name


def make_folders(folder: Path) -> None:
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)


def remove_path(path: Path) -> None:
    """Remove a file or a folder. If Windows still has it open, the next start removes it."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
