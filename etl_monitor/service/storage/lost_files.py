"""Files that the database does not name: they are set aside in `lost/`, never deleted."""

import logging
from collections.abc import Sequence

from etl_monitor.service.storage.clock import now
from etl_monitor.service.storage.file_storage import LOST, Storage

_log = logging.getLogger(__name__)


def set_aside(storage: Storage, unnamed: Sequence[str]) -> int:
    """Move these files to a new folder below `lost/`.

    Returns how many were moved. Raises OSError or StorageUnavailable.
    """
    if unnamed:
        folder = new_folder(storage)
        for name in unnamed:
            storage.move(name, f"{folder}/{name}")
        _log.warning("files_set_aside", extra={"files": len(unnamed), "folder": folder})
    return len(unnamed)


def new_folder(storage: Storage) -> str:
    """Return the name of a folder below `lost/` that is named for this moment and not there yet."""
    name = f"{LOST}/{now().strftime('%Y-%m-%dT%H-%M-%S')}"
    for suffix in ("", *(f"-{number}" for number in range(2, 1000))):
        if not storage.names_below(name + suffix):
            return name + suffix
    raise FileExistsError(f"{name} and 998 others")


def lost_files(storage: Storage) -> Sequence[str]:
    """Return the name of every file below `lost/`, oldest folder first."""
    return storage.names_below(LOST)
