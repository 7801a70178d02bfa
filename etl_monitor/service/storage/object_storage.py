"""An object store as the storage of the files, through fsspec: `s3://BUCKET/PREFIX`.

Credentials, region and endpoint are those of the environment, as for every program that uses S3.
Files pass through the local disk in bounded pieces: a reader gets a copy, which is whole before its
first byte is read.
"""

import errno
import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp
import fsspec
import s3fs  # noqa: F401  # an extra: named here, so that its absence shows at once
from botocore import exceptions
from fsspec.exceptions import FSTimeoutError

from etl_monitor.service.errors import DiskFull, StorageUnavailable
from etl_monitor.service.storage.file_storage import make_folders, remove_path

PIECE_SIZE = 16 * 2**20  # bytes; as many as two of them are in memory at a time

_LISTING_INTERVAL = 3600.0  # seconds
_OPTIONS = {
    "skip_instance_cache": True,  # one for each process, below
    "use_listings_cache": False,  # other processes write too
    "max_concurrency": 1,  # one reply streamed to the disk
    "config_kwargs": {
        "connect_timeout": 5,  # seconds
        "read_timeout": 30,
        "retries": {"mode": "standard", "total_max_attempts": 3},
    },
}
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_DENIED = (
    PermissionError,
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
)
_NO_ANSWER = (
    exceptions.ConnectionError,
    exceptions.HTTPClientError,
    aiohttp.ClientError,
    TimeoutError,
    FSTimeoutError,
)
_BUSY = (errno.EBUSY, errno.EREMOTEIO)  # as s3fs calls 503 and 500

_log = logging.getLogger(__name__)


class ObjectStorage:
    """See `Storage`. Not fork-safe: each process opens its own."""

    listing_interval = _LISTING_INTERVAL

    def __init__(self, url: str, scratch: Path) -> None:
        """`scratch`: the local folder for copies that are being read."""
        self.location, self._scratch = url, scratch
        self._bucket = url.partition("://")[2].partition("/")[0]
        self._root = url.partition("://")[2].rstrip("/")

    @property
    def _files(self) -> Any:
        return _file_system()

    def prepare(self) -> None:
        probe = f"probe-{uuid.uuid4()}"
        with self._reported():
            self._files.pipe_file(self._path(probe), b"probe")
            self._files.cat_file(self._path(probe))
            self._files.find(self._path(probe))
            self._files.rm_file(self._path(probe))

    def check(self) -> None:
        with self._reported():
            try:
                self._files.info(self._bucket)
            except FileNotFoundError as error:
                raise self._unavailable("bucket_missing", error) from None

    def open(self, name: str) -> BinaryIO:
        try:
            path = self.fetch(name, self._scratch / str(uuid.uuid4()))
        except OSError as error:
            if error.errno in _DISK_FULL:
                raise DiskFull() from error
            raise
        try:
            return path.open("rb")
        finally:
            remove_path(path.parent)

    def fetch(self, name: str, folder: Path) -> Path:
        make_folders(folder)
        path = folder / name.rpartition("/")[2]
        try:
            with self._reported():
                self._files.get_file(self._path(name), str(path))
        except BaseException:
            remove_path(folder)
            raise
        return path

    def put(self, source: Path, name: str) -> None:
        with self._reported():
            self._files.put_file(
                str(source), self._path(name), chunksize=PIECE_SIZE, max_concurrency=2
            )
        remove_path(source)

    def move(self, name: str, to: str) -> None:
        with self._reported():
            self._files.cp_file(self._path(name), self._path(to))
            self._files.rm_file(self._path(name))

    def remove(self, name: str) -> None:
        try:
            with self._reported():
                self._files.rm_file(self._path(name))
        except StorageUnavailable:
            _log.error("file_not_removed", extra={"file": name})
        except FileNotFoundError:
            pass

    def names(self, folder: str) -> Sequence[str]:
        below = self.names_below(folder)
        return [name for name in below if "/" not in name[len(folder) + 1 :]]

    def names_below(self, folder: str) -> Sequence[str]:
        begin = f"{self._path(folder)}/"
        try:
            with self._reported():
                paths: Sequence[str] = self._files.find(begin)
        except FileNotFoundError:
            return []
        found = (path for path in paths if path.startswith(begin) and not path.endswith("/"))
        return sorted(f"{folder}/{path.removeprefix(begin)}" for path in found)

    def size(self, name: str) -> int | None:
        try:
            with self._reported():
                about = self._files.info(self._path(name))
        except FileNotFoundError:
            return None
        return int(about["size"]) if about["type"] == "file" else None

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """Raise the library's errors as StorageUnavailable, except that a file is not there or that
        the local disk is full."""
        try:
            yield
        except FileNotFoundError as error:
            if _s3_code(error) == "NoSuchBucket":
                raise self._unavailable("bucket_missing", error) from None
            raise
        except _DENIED as error:
            raise self._unavailable("denied", error) from None
        except _NO_ANSWER as error:
            raise self._unavailable("unreachable", error) from None
        except OSError as error:
            if error.errno in _DISK_FULL:
                raise
            reason = "unreachable" if error.errno in _BUSY else "unusable"
            raise self._unavailable(reason, error) from None
        except (exceptions.BotoCoreError, ValueError) as error:
            raise self._unavailable("unusable", error) from None

    def _unavailable(self, reason: str, error: Exception) -> StorageUnavailable:
        extra = {"storage": self.location, "code": reason, "reason": str(error)}
        _log.error("storage_unavailable", extra=extra)
        return StorageUnavailable(reason=reason)


@lru_cache(maxsize=1)
def _file_system() -> Any:
    return fsspec.filesystem("s3", **_OPTIONS)


def _s3_code(error: Exception) -> str:
    """Return the code of S3's own error that a library's error was made of, or ""."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
