"""Every setting, read once from the environment (`ETL_MONITOR_…`): its default, its meaning.

The table in `docs/settings.md` is checked against this class by a test.
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from etl_monitor import allowed, urls
from etl_monitor.errors import SettingError
from etl_monitor.wire.roles import PERSONS_ROLES, Role

PREFIX = "ETL_MONITOR_"

_NOT_YET = {
    "DATABASE_URL": "unset, for SQLite in the folder of ETL_MONITOR_DATA_DIR",
    "BROKER_URL": "unset, for processes of the service's own, as many as ETL_MONITOR_WORKERS",
}
_LONGEST = 200  # characters of a value that are repeated


def _http_address(value: str) -> str:
    value = value.strip()
    if not urls.is_http_address(value):
        raise ValueError(urls.EXAMPLE)
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    """What a header can carry."""
    token = value.get_secret_value().strip()
    if not token or not token.isprintable():
        raise ValueError("one line of text, without control characters")
    return SecretStr(token)


def _import_path(value: str) -> str:
    module, _, name = value.partition(":")
    if not module or not name.isidentifier():
        raise ValueError("package.module:NAME")
    return value


HttpAddress = Annotated[str, AfterValidator(_http_address)]
Token = Annotated[SecretStr, AfterValidator(_token)]


def _readable_folder(value: Path) -> Path:
    if not value.is_dir() or not os.access(value, os.R_OK | os.X_OK):
        raise ValueError("a folder that is there and can be read")
    return value


def _role_map(value: str) -> str:
    roles_of(value)
    return value


RoleMap = Annotated[str, AfterValidator(_role_map)]
ReadableFolder = Annotated[Path, AfterValidator(_readable_folder)]
ImportPath = Annotated[str, AfterValidator(_import_path)]


def roles_of(role_map: str) -> dict[str, Role]:
    """Group → role, of `ETL_MONITOR_ROLE_MAP`. Raises ValueError."""
    return dict(_group_and_role(pair) for pair in role_map.split(","))


def _group_and_role(pair: str) -> tuple[str, Role]:
    group, _, role = (part.strip() for part in pair.rpartition("="))
    if not group or role not in PERSONS_ROLES:
        allowed = ", ".join(PERSONS_ROLES)
        raise ValueError(f"pairs such as etl-team=operator, with one of the roles {allowed}")
    return group, Role(role)


class Settings(BaseSettings):
    """Frozen; made by `load`, passed on by hand."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    api_url: HttpAddress | None = Field(
        None, description="Address of the ETL service; unset: the portal starts its own"
    )
    api_token: Token | None = Field(
        None, description="Token for the service; for the service itself: its admin token"
    )
    data_dir: Path = Field(
        Path("data"), description="Folder of the service's database, answer files and results"
    )
    pipeline: ImportPath = Field(
        "etl_monitor.pipeline.aptitude:PIPELINE",
        description="Your own pipeline: package.module:NAME",
    )
    kinds_dir: ReadableFolder | None = Field(
        None, description="Folder with definitions (TOML) of your own test kinds"
    )
    workers: int | None = Field(
        None, ge=1, le=256, description="Jobs at once; unset: one for each core"
    )
    cancel_deadline: float = Field(
        30.0,
        gt=0,
        le=3600,
        description="Seconds until a job that ignores a cancel request is killed",
    )
    hung_after: float = Field(
        45.0,
        ge=1,
        le=86_400,
        description="Seconds without a sign of life until a step is taken for hung and killed",
    )
    upload_limit_mb: int = Field(
        200,
        ge=1,
        le=10_000,
        description="Largest answer file that may be sent, in MB (10⁶ bytes)",
    )
    sign_in: Literal["off", "oidc"] = Field(
        "off",
        description="How people sign in to the portal; off: on loopback only, as the local admin",
    )
    name_claim: str = Field(
        "email", description="Claim of the provider that is a person's name in the activity log"
    )
    role_claim: str = Field(
        "roles", description="Claim of the provider that tells a person's groups or roles"
    )
    role_map: RoleMap = Field(
        "viewer=viewer,operator=operator,admin=admin",
        description="Which of these gives which role: GROUP=ROLE,…; `*` is everybody who signed in",
    )
    sign_in_hours: float = Field(
        12.0, gt=0, le=720, description="Hours until a person has to sign in again"
    )
    feeds_per_token: int = Field(
        500, ge=1, le=1_000_000, description="Feeds that one token may have open at once"
    )
    keep_events: int = Field(
        100_000,
        ge=100,
        le=100_000_000,
        description="Newest events that the feed can replay; who is further behind starts anew",
    )
    keep_events_days: float = Field(
        30.0, gt=0, le=36_500, description="Days for which they are kept at most"
    )
    keep_jobs: int = Field(
        200_000,
        ge=100,
        le=100_000_000,
        description="Newest finished jobs that are kept, and each test's last one and its results'",
    )
    keep_jobs_days: float = Field(
        365.0, gt=0, le=36_500, description="Days for which finished jobs are kept at most"
    )
    keep_activity: int = Field(
        500_000,
        ge=100,
        le=100_000_000,
        description="Newest entries of the activity log that are kept",
    )
    keep_activity_days: float = Field(
        365.0, gt=0, le=36_500, description="Days for which they are kept at most"
    )
    samples: bool | None = Field(
        None, description="Sample data; unset: only into a new, empty data directory"
    )
    reconnect_interval: float = Field(
        5.0,
        gt=0,
        le=3600,
        description="Seconds before the first attempt to reconnect; then grows",
    )
    max_reconnect_attempts: int = Field(
        5, ge=0, le=1_000_000, description="Attempts to reconnect before giving up"
    )
    feed_heartbeat: float = Field(
        15.0,
        gt=0,
        le=3600,
        description="Seconds between two signs of life of the feed; three without one are a break",
    )
    feed_max_event_kb: int = Field(
        1024,
        ge=16,
        le=1_000_000,
        description="Largest event of the feed that is read, in kB (1,024 bytes)",
    )
    store_jobs: int = Field(
        2000, ge=0, le=1_000_000, description="Finished jobs that the portal keeps in memory"
    )
    store_mb: int = Field(
        64,
        ge=1,
        le=100_000,
        description="Memory for them and for the active ones, in MB (10⁶ bytes), about",
    )
    live_updates: Literal["push", "poll"] = Field(
        "push", description="How open pages learn of news: pushed, or asked for every second"
    )
    language: Literal["auto", "ko", "en"] = Field(
        "auto", description="Language of the pages; auto: the browser's"
    )


def load() -> Settings:
    """Read the environment.

    Raises SettingError, a single line with the variable, its value and what is allowed.
    """
    _refuse_unknown()
    try:
        return Settings()
    except ValidationError as error:
        raise _first_problem(error) from None


def _refuse_unknown() -> None:
    """A misspelt variable would otherwise be a setting that silently does nothing."""
    for name in sorted(os.environ):
        setting = name.removeprefix(PREFIX)
        if not name.startswith(PREFIX) or setting.lower() in Settings.model_fields:
            continue
        if setting not in _NOT_YET:
            raise _unknown(name)
        if os.environ[name]:
            raise _unusable(name, os.environ[name], _NOT_YET[setting], "is not supported yet")


def _unknown(name: str) -> SettingError:
    known = [PREFIX + one.upper() for one in Settings.model_fields]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "allowed: " + ", ".join(known) + "."
    return SettingError("setting_unknown", f"{name} is not a setting; {hint}", {"variable": name})


def _first_problem(error: ValidationError) -> SettingError:
    problem = error.errors()[0]
    setting = str(problem["loc"][0])
    is_ours = problem["type"] == "value_error"
    words = (
        str(problem["ctx"]["error"])
        if is_ours
        else allowed.in_words(Settings.model_fields[setting])
    )
    return _unusable(PREFIX + setting.upper(), str(problem["input"]), words)


def _unusable(name: str, value: str, words: str, problem: str = "cannot be used") -> SettingError:
    shown = "***" if "TOKEN" in name else _in_one_line(value)
    details = {"variable": name, "value": shown, "allowed": words}
    message = f"{name}={shown} {problem}; allowed: {words}."
    return SettingError("setting_invalid", message, details)


def _in_one_line(value: str) -> str:
    """But for what is secret in an address."""
    value = urls.without_password(value)[:_LONGEST]
    return value if value.isprintable() else repr(value)
