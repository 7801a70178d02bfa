"""The table of reasons why a service does not start: its data directory, database and address.

The exit code is 2, as for `setting_invalid` and `setting_unknown` of `etl_monitor.settings` and for
a pipeline that cannot say which kinds it has; it is 1 for `DatabaseLocked`, `DatabaseUnreachable`
and `UpgradeWaits`, because that passes. `storage_errors.py` and `engine_errors.py` have those of
the storage for files and of what runs the jobs.
"""

from etl_monitor.errors import SettingError
from etl_monitor.service.errors import ServiceError, Unavailable


class DataDirInUse(ServiceError, SettingError):
    code = "data_dir_in_use"
    template = (
        "The data directory {data_dir} is in use by another ETL service. Stop that one, or choose "
        "another directory (ETL_MONITOR_DATA_DIR)."
    )
    data_dir: str


class DataDirUnwritable(ServiceError, SettingError):
    code = "data_dir_unwritable"
    template = (
        "The data directory {data_dir} cannot be written to ({reason}). Choose another one "
        "(ETL_MONITOR_DATA_DIR), or have its permissions changed."
    )
    data_dir: str
    reason: str


class DatabaseNewer(ServiceError, SettingError):
    code = "database_newer"
    template = (
        "The database in {data_dir} was made by a newer version of this program. Start that "
        "version, or choose another directory (ETL_MONITOR_DATA_DIR)."
    )
    data_dir: str


class DatabaseUnusable(ServiceError, SettingError):
    code = "database_unusable"
    template = (
        "The database in {data_dir} cannot be used ({reason}). Put a copy of it in its place, or "
        "choose another directory (ETL_MONITOR_DATA_DIR)."
    )
    data_dir: str
    reason: str


class DatabaseUnreachable(ServiceError, Unavailable):
    code = "database_unreachable"
    template = (
        "The database {database} cannot be used ({reason}). Start it, or correct "
        "ETL_MONITOR_DATABASE_URL."
    )
    database: str
    reason: str


class DatabaseInUse(ServiceError, SettingError):
    code = "database_in_use"
    template = (
        "The database {database} is in use by another ETL service. Stop that one, or name another "
        "database (ETL_MONITOR_DATABASE_URL)."
    )
    database: str


class DriverMissing(ServiceError, SettingError):
    code = "driver_missing"
    template = (
        "ETL_MONITOR_DATABASE_URL needs the package {module}, which is not installed: "
        "pip install 'psycopg[binary]'."
    )
    module: str


class UpgradeWaits(ServiceError, Unavailable):
    code = "upgrade_waits"
    template = (
        "The database {database} is of another version, and services of that version use it. Stop "
        "them: the first service of this version migrates the database when it starts."
    )
    database: str


class DataDirNotShared(ServiceError, SettingError):
    code = "data_dir_not_shared"
    template = (
        "The data directory {data_dir} is not that of the services on this database. Set it to "
        "theirs, on a file system that all machines mount (ETL_MONITOR_DATA_DIR), or set "
        "ETL_MONITOR_STORAGE_URL as they have it."
    )
    data_dir: str


class PortInUse(ServiceError, SettingError):
    code = "port_in_use"
    template = "Port {port} on {host} is taken by another program. Choose another one with --port."
    host: str
    port: int


class AddressUnusable(ServiceError, SettingError):
    code = "address_unusable"
    template = (
        "The service cannot listen on {host}:{port} ({reason}). Choose another --host or --port."
    )
    host: str
    port: int
    reason: str


class DatabaseLocked(ServiceError, Unavailable):
    code = "database_locked"
    template = (
        "The database in {data_dir} is locked by another program. Close that one, or wait until "
        "it is done, and start again."
    )
    data_dir: str


_OTHERWISE = (
    "Put the right database back (python -m etl_monitor.service restore FILE), or start once with "
    "--accept-database: files that the database does not name are then moved to lost/."
)


class DatabaseMissing(ServiceError, SettingError):
    code = "database_missing"
    template = (
        "The database in {data_dir} is missing, but {files} answer and score files are there. "
        + _OTHERWISE
    )
    data_dir: str
    files: int


class DatabaseNew(ServiceError, SettingError):
    code = "database_new"
    template = (
        "The database in {data_dir} is new and names none of the {files} answer and score files "
        "that are there. " + _OTHERWISE
    )
    data_dir: str
    files: int


class DatabaseForeign(ServiceError, SettingError):
    code = "database_foreign"
    template = (
        "The database in {data_dir} is not the one that its {files} answer and score files belong "
        "to. " + _OTHERWISE
    )
    data_dir: str
    files: int


class DatabaseOlder(ServiceError, SettingError):
    code = "database_older"
    template = (
        "The database in {data_dir} is older than the files there: it ends at event {position}, "
        "and event {marked} was written. " + _OTHERWISE
    )
    data_dir: str
    position: int
    marked: int


class NothingToBackUp(ServiceError, SettingError):
    code = "nothing_to_back_up"
    template = "There is no database in {data_dir}. Name the service's folder with --data-dir."
    data_dir: str


class BackupUnwritable(ServiceError, SettingError):
    code = "backup_unwritable"
    template = "The backup {file} could not be written ({reason}). Choose another place for it."
    file: str
    reason: str


class BackupWouldReplace(ServiceError, SettingError):
    code = "backup_would_replace"
    template = (
        "{file} is no place for a backup: there is a file that is no backup, or the service's own "
        "files are there. Choose another place for it."
    )
    file: str


class BackupNewer(ServiceError, SettingError):
    code = "backup_newer"
    template = (
        "{file} was made by a newer version of this program. Nothing was changed. Restore it with "
        "that version, or choose another file."
    )
    file: str


class BackupUnusable(ServiceError, SettingError):
    code = "backup_unusable"
    template = "{file} is no complete backup ({reason}). Nothing was changed. Choose another file."
    file: str
    reason: str


class MigrationTargetUsed(ServiceError, SettingError):
    code = "migration_target_used"
    template = "The database {database} has data. Nothing was changed. Name an empty database."
    database: str


class RestoreTargetUsed(ServiceError, SettingError):
    code = "restore_target_used"
    template = (
        "There are data in {data_dir}. Choose an empty folder, or add --replace: what is there is "
        "then moved to lost/."
    )
    data_dir: str
