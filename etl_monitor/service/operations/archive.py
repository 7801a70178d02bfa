"""The archive of a backup: a tar file of the database, the files that it names, and a manifest.

The manifest is the last member. It has the SHA-256 of all others, because a tar file does not show
whether its contents were damaged.
"""

import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from etl_monitor.version import VERSION

DATABASE = "etl.sqlite"

_MANIFEST = "manifest.json"
_FORMAT = 1
_FILE = re.compile(r"(uploads|results)/[A-Za-z0-9-]+(\.[a-z0-9]{1,10})?")


class Manifest(BaseModel):
    """`missing`: the files that the database names, but that were gone before the backup. `sha256`:
    by member, in hexadecimal; None in a backup that an older version made."""

    model_config = ConfigDict(frozen=True)

    format: int = _FORMAT
    version: str = VERSION
    missing: Sequence[str] = ()
    sha256: Mapping[str, str] | None = None


class Writer:
    """Adds members to an archive; `finish` writes what was added."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._sums: dict[str, str] = {}

    def add(self, path: Path, name: str) -> None:
        header = self._archive.gettarinfo(path, name)
        with path.open("rb") as file:
            summed = _Summed(file)
            self._archive.addfile(header, summed)
        self._sums[name] = summed.sha256.hexdigest()

    def finish(self, missing: Sequence[str]) -> None:
        content = Manifest(missing=missing, sha256=self._sums).model_dump_json().encode()
        header = tarfile.TarInfo(_MANIFEST)
        header.size = len(content)
        self._archive.addfile(header, io.BytesIO(content))


class _Summed:
    """A file whose checksum is computed as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.sha256.update(chunk)
        return chunk


def is_archive(path: Path) -> bool:
    """Return whether the file is a backup, or the beginning of one."""
    try:
        with tarfile.open(path) as archive:
            first = archive.next()
    except (tarfile.TarError, OSError, EOFError):
        return False
    return first is not None and first.name in (DATABASE, _MANIFEST)


def unpack(source: Path, target: Path) -> Manifest:
    """Unpack an archive into an empty folder. Any error may be raised if it is damaged."""
    with _opened(source) as archive:
        for member in archive:
            is_known = member.name in (_MANIFEST, DATABASE) or _FILE.fullmatch(member.name)
            content = archive.extractfile(member) if member.isfile() and is_known else None
            if content is None:
                raise ValueError(f"unexpected entry {member.name[:100]!r}")
            _write(content, target / member.name)
    manifest = _read_manifest(target / _MANIFEST)
    if manifest.sha256 is not None:
        _check_sums(target, manifest.sha256)
    return manifest


def _write(content: IO[bytes], path: Path) -> None:
    """Not with `TarFile.extract`, which needs a filter that Python 3.11.2 (Debian 12) lacks."""
    path.parent.mkdir(exist_ok=True)
    with content, path.open("wb") as file:
        shutil.copyfileobj(content, file)


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source)
    except tarfile.ReadError:
        raise ValueError("it is no tar file") from None


def _read_manifest(path: Path) -> Manifest:
    if not path.exists():
        raise ValueError("it has no manifest")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError:
        raise ValueError("its manifest cannot be read") from None
    if manifest.format != _FORMAT:
        raise ValueError(f"format {manifest.format} is not known to this version")
    return manifest


def _check_sums(folder: Path, sums: Mapping[str, str]) -> None:
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix() for path in paths} - {_MANIFEST}
    for name in sorted(names | sums.keys()):
        if name not in names:
            raise ValueError(f"{name} is missing")
        if name not in sums or _sum(folder / name) != sums[name]:
            raise ValueError(f"{name} is damaged")


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
