"""The table of reasons why a service, or a worker of Celery, does not start to run jobs."""

from etl_monitor.errors import SettingError
from etl_monitor.service.errors import ServiceError


class CeleryMissing(ServiceError, SettingError):
    code = "celery_missing"
    template = (
        "ETL_MONITOR_BROKER_URL needs the package {module}, which is not installed: "
        "pip install 'etl-monitor[celery]'."
    )
    module: str


class BrokerNeedsDatabase(ServiceError, SettingError):
    code = "broker_needs_database"
    template = (
        "ETL_MONITOR_BROKER_URL needs a database that several machines can use: set "
        "ETL_MONITOR_DATABASE_URL to a PostgreSQL database, or unset ETL_MONITOR_BROKER_URL."
    )


class BrokerMissing(ServiceError, SettingError):
    code = "broker_missing"
    template = "A worker of Celery needs ETL_MONITOR_BROKER_URL, the same as the service's."


class QueueUnknown(ServiceError, SettingError):
    code = "queue_unknown"
    template = (
        "There is no queue {queue}. Choose etl-monitor, etl-monitor.large, etl-monitor.small or "
        "etl-monitor.kind.KIND, or start the worker without -Q: it then runs any job."
    )
    queue: str


class WorkersRunJobs(ServiceError, SettingError):
    code = "workers_run_jobs"
    template = (
        "Workers of Celery run the jobs of the database {database}. Set ETL_MONITOR_BROKER_URL as "
        "they have it, or stop them before this service runs the jobs itself."
    )
    database: str


class ServiceRunsJobs(ServiceError, SettingError):
    code = "service_runs_jobs"
    template = (
        "The service on the database {database} runs the jobs itself. Set ETL_MONITOR_BROKER_URL "
        "there and restart it before you start workers."
    )
    database: str


class DatabaseOfOtherVersion(ServiceError, SettingError):
    code = "database_of_other_version"
    template = (
        "The database {database} is of another version than this worker. Start the service of "
        "this version first: it migrates the database."
    )
    database: str
