"""The table of reasons why a service does not start.

The exit code is 2, as for `setting_invalid` and `setting_unknown` of `etl_monitor.settings` and for
the pipeline's `broken_definition`; it is 1 for `DatabaseLocked`, because that passes.
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
