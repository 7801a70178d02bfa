"""Why a service does not start, one small constructor each: code, sentence, details.

Exit code 2: setting_invalid, setting_unknown (variable, value, allowed; `etl_monitor.settings`),
data_dir_in_use, data_dir_unwritable (dataDir), database_newer (dataDir), database_unusable
(dataDir, reason), port_in_use, address_unusable (host, port), and the pipeline's broken_definition.
Exit code 1, because it goes by: database_locked (dataDir).
"""

from etl_monitor.errors import ApiError, SettingError
from etl_monitor.service.errors import Unavailable


def data_dir_in_use(data_dir: str) -> SettingError:
    return SettingError(
        "data_dir_in_use",
        f"The data directory {data_dir} is in use by another ETL service. Stop that one, or choose "
        "another directory (ETL_MONITOR_DATA_DIR).",
        {"dataDir": data_dir},
    )


def data_dir_unwritable(data_dir: str, reason: str) -> SettingError:
    return SettingError(
        "data_dir_unwritable",
        f"The data directory {data_dir} cannot be written to ({reason}). Choose another one "
        "(ETL_MONITOR_DATA_DIR), or have its permissions changed.",
        {"dataDir": data_dir, "reason": reason},
    )


def database_newer(data_dir: str) -> SettingError:
    return SettingError(
        "database_newer",
        f"The database in {data_dir} was made by a newer version of this program. Start that "
        "version, or choose another directory (ETL_MONITOR_DATA_DIR).",
        {"dataDir": data_dir},
    )


def database_unusable(data_dir: str, reason: str) -> SettingError:
    return SettingError(
        "database_unusable",
        f"The database in {data_dir} cannot be used ({reason}). Put a copy of it in its place, or "
        "choose another directory (ETL_MONITOR_DATA_DIR).",
        {"dataDir": data_dir, "reason": reason},
    )


def database_locked(data_dir: str) -> ApiError:
    return Unavailable(
        "database_locked",
        f"The database in {data_dir} is locked by another program. Close that one, or wait until "
        "it is done, and start again.",
        {"dataDir": data_dir},
    )


def port_in_use(host: str, port: int) -> SettingError:
    return SettingError(
        "port_in_use",
        f"Port {port} on {host} is taken by another program. Choose another one with --port.",
        {"host": host, "port": port},
    )


def address_unusable(host: str, port: int, reason: str) -> SettingError:
    return SettingError(
        "address_unusable",
        f"The service cannot listen on {host}:{port} ({reason}). Choose another --host or --port.",
        {"host": host, "port": port, "reason": reason},
    )
