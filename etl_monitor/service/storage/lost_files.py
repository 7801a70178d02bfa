"""Files that the database does not name: they are set aside in `lost/`, never deleted."""

import logging
from collections.abc import Sequence
from pathlib import Path

from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.data_dir import Folders

_log = logging.getLogger(__name__)


def set_aside(folders: Folders, unnamed: Sequence[Path]) -> int:
    """Move these files to a new folder below `lost/`.

    Returns how many were moved. Raises OSError.
    """
    target = make_folder(folders) if unnamed else folders.lost
    for path in unnamed:
        folder = target / path.parent.name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.rename(folder / path.name)
    if unnamed:
        _log.warning("files_set_aside", extra={"files": len(unnamed), "folder": str(target)})
    return len(unnamed)


def make_folder(folders: Folders) -> Path:
    """Make a folder below `lost/` that is named for this moment."""
    name = now().strftime("%Y-%m-%dT%H-%M-%S")
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        folder = folders.lost / (name + suffix)
        if not folder.exists():
            folder.mkdir(mode=0o700, parents=True)
            return folder
    raise FileExistsError(f"{folders.lost / name} and 998 others")


def lost_files(folders: Folders) -> Sequence[Path]:
    """Return every file below `lost/`, oldest folder first."""
    return sorted(path for path in folders.lost.rglob("*") if path.is_file())
