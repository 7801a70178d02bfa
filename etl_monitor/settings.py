"""Every setting with its default and meaning, read once from the environment (`ETL_MONITOR_…`).

The table in `docs/settings.md` is checked against this class by a test.
"""

import difflib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from etl_monitor import urls
from etl_monitor.errors import SettingError
from etl_monitor.setting_values import (
    BrokerUrl,
    DatabaseUrl,
    HostNames,
    HttpAddress,
    ImportPath,
    KindLimits,
    Origins,
    ReadableFolder,
    RoleMap,
    StatusMap,
    StorageUrl,
    Token,
    allowed_values,
)

PREFIX = "ETL_MONITOR_"

_log = logging.getLogger(__name__)

_MAX_SHOWN = 200  # characters of a value that an error message repeats


class Settings(BaseSettings):
    """Immutable; created by `load` and passed on as an argument."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    api_url: HttpAddress | None = None
    """Address of the ETL service; unset: the portal starts its own."""
    api_token: Token | None = None
    """Token for the service; for the service itself: its admin token."""
    data_dir: Path = Path("data")
    """Folder of the service's database, answer files and results."""
    database_url: DatabaseUrl | None = None
    """PostgreSQL database of the service; unset: SQLite in the data folder."""
    broker_url: BrokerUrl | None = None
    """Redis or RabbitMQ, for workers of Celery on any machine; unset: processes of the service's
    own."""
    storage_url: StorageUrl | None = None
    """Where answer files and results are stored, `file:///…` or `s3://…`; unset: the data
    folder."""
    pipeline: ImportPath = "etl_monitor.pipeline.aptitude:PIPELINE"
    """Your own pipeline: package.module:NAME."""
    kinds_dir: ReadableFolder | None = None
    """Folder with definitions (TOML) of your own test kinds."""
    workers: int | None = Field(None, ge=1, le=256)
    """Number of jobs that run at the same time; unset: one per core."""
    kind_limits: KindLimits | None = None
    """Maximum number of jobs of a test kind that run at the same time, on all machines together:
    KIND=NUMBER,…; other kinds have none."""
    large_file_mb: int | None = Field(None, ge=1, le=10_000)
    """Size in MB (10⁶ bytes) above which an answer file is large; unset: no file is."""
    large_jobs: int = Field(1, ge=1, le=1000)
    """Maximum number of jobs with large files that run at the same time, on all machines
    together."""
    cancel_deadline: float = Field(30.0, gt=0, le=3600)
    """Seconds after which a job that ignores a cancel request is killed."""
    hung_after: float = Field(45.0, ge=1, le=86_400)
    """Seconds without a progress report after which a step counts as hung and its worker is
    killed."""
    stop_grace: float = Field(0.0, ge=0, le=3600)
    """Seconds that running jobs get to finish when the service stops; others go back to the
    queue."""
    upload_limit_mb: int = Field(200, ge=1, le=10_000)
    """Maximum size of an uploaded answer file, in MB (10⁶ bytes)."""
    allowed_hosts: HostNames | None = None
    """Host names under which portal and service answer, besides loopback; separated by commas,
    `*.example.com` stands for every name below it."""
    frame_ancestors: Origins | None = None
    """Origins whose pages may show the portal in a frame, besides its own; separated by commas,
    such as `https://intranet.example.com`."""
    sign_in: Literal["off", "oidc"] = "off"
    """How people sign in to the portal; off: the local user is admin, on loopback only."""
    name_claim: str = "email"
    """Claim of the provider that holds a person's name, for the activity log."""
    role_claim: str = "roles"
    """Claim of the provider that holds a person's groups or roles."""
    role_map: RoleMap = "viewer=viewer,operator=operator,admin=admin"
    """Group-to-role mapping, GROUP=ROLE,…; `*` matches every signed-in user."""
    sign_in_hours: float = Field(12.0, gt=0, le=720)
    """Hours after which a person has to sign in again."""
    feeds_per_token: int = Field(500, ge=1, le=1_000_000)
    """Maximum number of feeds that one token may have open at the same time."""
    keep_events: int = Field(100_000, ge=100, le=100_000_000)
    """Maximum number of replayable events; a client further behind fetches the list again."""
    keep_events_days: float = Field(30.0, gt=0, le=36_500)
    """Maximum age of replayable events, in days."""
    keep_jobs: int = Field(200_000, ge=100, le=100_000_000)
    """Maximum number of stored finished jobs; each test's last job and that of its results stay."""
    keep_jobs_days: float = Field(365.0, gt=0, le=36_500)
    """Maximum age of stored finished jobs, in days."""
    keep_activity: int = Field(500_000, ge=100, le=100_000_000)
    """Maximum number of entries in the activity log."""
    keep_activity_days: float = Field(365.0, gt=0, le=36_500)
    """Maximum age of entries in the activity log, in days."""
    samples: bool | None = None
    """Create sample data; unset: only in a new, empty data directory."""
    samples_minutes: float = Field(10.0, ge=0, le=1440)
    """Minutes over which the samples' jobs start, also when they are replayed; 0: all at once."""
    reconnect_interval: float = Field(5.0, gt=0, le=3600)
    """Seconds before the first attempt to reconnect; doubles with each further attempt."""
    max_reconnect_attempts: int = Field(5, ge=0, le=1_000_000)
    """Number of attempts to reconnect before giving up."""
    feed_heartbeat: float = Field(15.0, gt=0, le=3600)
    """Seconds between two heartbeats of the feed; after three missed ones it counts as broken."""
    feed_max_event_kb: int = Field(1024, ge=16, le=1_000_000)
    """Maximum size of a feed event, in kB (1,024 bytes)."""
    status_map: StatusMap | None = None
    """What a back end calls the states of its jobs, besides the common names: NAME=STATE,…"""
    store_jobs: int = Field(2000, ge=0, le=1_000_000)
    """Maximum number of finished jobs in the portal's memory."""
    store_mb: int = Field(64, ge=1, le=100_000)
    """Approximate memory for all jobs in the portal, in MB (10⁶ bytes)."""
    live_updates: Literal["push", "poll"] = "push"
    """How open pages learn of changes: by push, or by polling every second."""
    language: Literal["auto", "ko", "en"] = "auto"
    """Language of the pages; auto: the browser's language."""


def load() -> Settings:
    """Read the environment of a program of ours.

    Raises SettingError, whose message is one line with the variable, its value and what is allowed.
    """
    for problem in _unknown_variables():
        raise problem
    return _read()


def load_in_another_app() -> Settings:
    """Read the environment in another app's process, where an unknown variable is no reason not
    to run: each is logged once.

    Raises SettingError if a known variable cannot be used.
    """
    for problem in _unknown_variables():
        if problem.message not in _logged:
            _logged.add(problem.message)
            _log.warning(problem.message)
    return _read()


_logged: set[str] = set()


def _read() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise _first_problem(error) from None


def _unknown_variables() -> Iterator[SettingError]:
    """A misspelt variable would be a setting without effect."""
    for variable in sorted(os.environ):
        setting = variable.removeprefix(PREFIX)
        if variable.startswith(PREFIX) and setting.lower() not in Settings.model_fields:
            yield _unknown(variable)


def _unknown(variable: str) -> SettingError:
    variables = [PREFIX + name.upper() for name in Settings.model_fields]
    similar = difflib.get_close_matches(variable, variables, n=1)
    hint = f"did you mean {similar[0]}?" if similar else "allowed: " + ", ".join(variables) + "."
    message = f"{variable} is not a setting; {hint}"
    return SettingError("setting_unknown", message, {"variable": variable})


def _first_problem(error: ValidationError) -> SettingError:
    problem = error.errors()[0]
    name = str(problem["loc"][0])
    if problem["type"] == "value_error":  # one of our own validators
        allowed = str(problem["ctx"]["error"])
    else:
        allowed = allowed_values(Settings.model_fields[name])
    return _invalid(PREFIX + name.upper(), str(problem["input"]), allowed)


def _invalid(variable: str, value: str, allowed: str) -> SettingError:
    shown = "***" if "TOKEN" in variable else _in_one_line(value)
    details = {"variable": variable, "value": shown, "allowed": allowed}
    message = f"{variable}={shown} cannot be used; allowed: {allowed}."
    return SettingError("setting_invalid", message, details)


def _in_one_line(value: str) -> str:
    """Return `value` as one line, shortened and without a password that it may contain."""
    value = urls.without_secrets(value)[:_MAX_SHOWN]
    return value if value.isprintable() else repr(value)
