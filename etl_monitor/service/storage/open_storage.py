"""Open the storage that the settings name."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from etl_monitor.service import storage_errors
from etl_monitor.service.storage.file_storage import LocalStorage, Storage


@lru_cache(maxsize=16)
def open_storage(url: str | None, data_dir: Path, scratch: Path) -> Storage:
    """Return the storage at a URL of the settings, which is the data directory if there is none.

    `scratch`: a folder of this machine for copies that are being read. Raises SettingError if a
    package is missing.
    """
    if url is None:
        return LocalStorage(root=data_dir)
    if url.startswith("file:"):
        return LocalStorage(root=Path(url2pathname(urlsplit(url).path)))
    try:  # an extra: without it, nothing of this is imported
        from etl_monitor.service.storage.object_storage import ObjectStorage
    except ModuleNotFoundError as error:
        raise storage_errors.StorageDriverMissing(module=error.name or "s3fs") from None
    return ObjectStorage(url, scratch)
