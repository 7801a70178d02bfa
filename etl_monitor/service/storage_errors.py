"""The table of reasons why a service does not start with its storage for files.

The exit code is 2; it is 1 for `StorageUnreachable`, because that passes.
"""

from etl_monitor.errors import SettingError
from etl_monitor.service.errors import ServiceError, Unavailable


class StorageDriverMissing(ServiceError, SettingError):
    code = "storage_driver_missing"
    template = (
        "ETL_MONITOR_STORAGE_URL needs the package {module}, which is not installed: "
        "pip install 'etl-monitor[s3]'."
    )
    module: str


class StorageUnreachable(ServiceError, Unavailable):
    code = "storage_unreachable"
    template = (
        "The storage {storage} does not answer. Start it, or correct ETL_MONITOR_STORAGE_URL or "
        "AWS_ENDPOINT_URL_S3."
    )
    storage: str


class StorageUnusable(ServiceError, SettingError):
    code = "storage_unusable"
    template = (
        "The storage {storage} cannot be used ({reason}). Correct ETL_MONITOR_STORAGE_URL, the "
        "credentials in the environment, or their rights."
    )
    storage: str
    reason: str


class StorageNotShared(ServiceError, SettingError):
    code = "storage_not_shared"
    template = (
        "The storage {storage} is not that of the services on this database. Set "
        "ETL_MONITOR_STORAGE_URL as they have it."
    )
    storage: str


class StorageWithoutFiles(ServiceError, SettingError):
    code = "storage_without_files"
    template = (
        "The database names {files} answer and score files, and the storage {storage} is not "
        "theirs. Correct ETL_MONITOR_STORAGE_URL; or unset it and copy the files first: python -m "
        "etl_monitor.service copy-files {storage}"
    )
    storage: str
    files: int


class FilesMoved(ServiceError, SettingError):
    code = "files_moved"
    template = (
        "The files of {data_dir} were copied to {storage}. Set ETL_MONITOR_STORAGE_URL to it, or "
        "copy them back with copy-files."
    )
    data_dir: str
    storage: str


class StorageUsed(ServiceError, SettingError):
    code = "storage_used"
    template = (
        "The storage {storage} has the files of another database. Nothing was changed. Name "
        "another bucket or prefix."
    )
    storage: str
