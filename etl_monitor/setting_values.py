"""The types of the settings' values: each is checked on reading and can name what it allows."""

import os
import re
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, SecretStr
from pydantic.fields import FieldInfo

from etl_monitor import urls
from etl_monitor.wire.roles import PERSONS_ROLES, Role
from etl_monitor.wire.status_names import parse_status_map

_HOST_NAME = re.compile(
    r"(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"  # `*.` stands for every name below
    r"|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+"  # an IPv6 address
)
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?")
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9_.-]+)*/?")
_FOLDER = re.compile(r"file://(?:/[^/\s?#]+)+/?")
_MOST_JOBS = 1000  # of a kind that a limit may allow
_NUMBERS = {int: "a whole number", float: "a number"}


def parse_role_map(role_map: str) -> dict[str, Role]:
    """Return the role of each group named by `ETL_MONITOR_ROLE_MAP`.

    Raises ValueError if the map cannot be read.
    """
    return dict(_group_and_role(pair) for pair in role_map.split(","))


def parse_host_names(names: str | None) -> tuple[str, ...]:
    """Return the names in `ETL_MONITOR_ALLOWED_HOSTS`; none if it is unset.

    Raises ValueError if one of them is not a host name.
    """
    hosts = tuple(name.strip() for name in (names or "").split(",") if name.strip())
    if not all(_HOST_NAME.fullmatch(host) for host in hosts):
        raise ValueError(
            "host names without scheme and port, separated by commas, such as"
            " etl.example.com,*.corp.example.com"
        )
    return hosts


def parse_origins(origins: str | None) -> tuple[str, ...]:
    """Return the origins in `ETL_MONITOR_FRAME_ANCESTORS`; none if it is unset.

    Raises ValueError if one of them is not an origin.
    """
    named = tuple(origin.strip() for origin in (origins or "").split(",") if origin.strip())
    if not all(_ORIGIN.fullmatch(origin) for origin in named):
        raise ValueError(
            "origins with scheme and without path, separated by commas, such as"
            " https://intranet.example.com,https://*.corp.example.com:8443"
        )
    return named


def parse_kind_limits(limits: str | None) -> dict[str, int]:
    """Return how many jobs of each kind in `ETL_MONITOR_KIND_LIMITS` may run at the same time.

    Raises ValueError if the limits cannot be read.
    """
    return dict(_kind_and_limit(pair) for pair in (limits or "").split(",") if pair.strip())


def allowed_values(field: FieldInfo) -> str:
    """Say which values a setting allows: `a whole number from 1 to 256`, `push or poll`."""
    value_type = _bare_type(field.annotation)
    if get_origin(value_type) is Literal:
        *others, last = map(str, get_args(value_type))
        return f"{', '.join(others)} or {last}"
    if value_type is bool:
        return "true or false"
    return _NUMBERS[value_type] + _bounds(field) if value_type in _NUMBERS else "text"


def _http_address(value: str) -> str:
    value = value.strip()
    if not urls.is_http_address(value):
        raise ValueError(urls.EXAMPLE)
    return value.rstrip("/")


def _token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value().strip()
    if not token or not token.isprintable():  # an HTTP header could not carry it
        raise ValueError("one line of text, without control characters")
    return SecretStr(token)


def _import_path(value: str) -> str:
    module, _, name = value.partition(":")
    if not module or not name.isidentifier():
        raise ValueError("package.module:NAME")
    return value


def _readable_folder(value: Path) -> Path:
    if not value.is_dir() or not os.access(value, os.R_OK | os.X_OK):
        raise ValueError("a folder that is there and can be read")
    return value


def _role_map(value: str) -> str:
    parse_role_map(value)
    return value


def _status_map(value: str) -> str:
    parse_status_map(value)
    return value


def _kind_limits(value: str) -> str:
    parse_kind_limits(value)
    return value


def _host_names(value: str) -> str:
    parse_host_names(value)
    return value


def parse_database_url(value: str) -> str:
    """Return the address of a PostgreSQL database. Raises ValueError if it is none."""
    if not urls.has_scheme(value, ("postgresql+psycopg",)):
        raise ValueError("an address such as postgresql+psycopg://etl:PASSWORD@db.example.com/etl")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_database_url(value.get_secret_value().strip()))


def parse_broker_url(value: str) -> str:
    """Return the address of a message broker. Raises ValueError if it is none."""
    if not urls.has_scheme(value, ("redis", "rediss", "amqp", "amqps")):
        raise ValueError(
            "an address such as redis://:PASSWORD@mq.example.com:6379/0 or"
            " amqp://etl:PASSWORD@mq.example.com:5672/etl"
        )
    return value


def _broker_url(value: SecretStr) -> SecretStr:
    return SecretStr(parse_broker_url(value.get_secret_value().strip()))


def parse_storage_url(value: str) -> str:
    """Return the address of a folder or a bucket. Raises ValueError if it is none, or if it has
    credentials in it, which would be shown with it."""
    if not (_BUCKET.fullmatch(value) or _FOLDER.fullmatch(value)):
        raise ValueError(
            "an address such as s3://BUCKET/PREFIX or file:///srv/etl-files, without credentials:"
            " these are set as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    return value.rstrip("/")


def _storage_url(value: str) -> str:
    return parse_storage_url(value.strip())


def _origins(value: str) -> str:
    parse_origins(value)
    return value


HttpAddress = Annotated[str, AfterValidator(_http_address)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
StorageUrl = Annotated[str, AfterValidator(_storage_url)]
BrokerUrl = Annotated[SecretStr, AfterValidator(_broker_url)]
Token = Annotated[SecretStr, AfterValidator(_token)]
ImportPath = Annotated[str, AfterValidator(_import_path)]
ReadableFolder = Annotated[Path, AfterValidator(_readable_folder)]
HostNames = Annotated[str, AfterValidator(_host_names)]
Origins = Annotated[str, AfterValidator(_origins)]
RoleMap = Annotated[str, AfterValidator(_role_map)]
StatusMap = Annotated[str, AfterValidator(_status_map)]
KindLimits = Annotated[str, AfterValidator(_kind_limits)]


def _group_and_role(pair: str) -> tuple[str, Role]:
    group, _, role = (part.strip() for part in pair.rpartition("="))
    if not group or role not in PERSONS_ROLES:
        roles = ", ".join(PERSONS_ROLES)
        raise ValueError(f"pairs such as etl-team=operator, with one of the roles {roles}")
    return group, Role(role)


def _kind_and_limit(pair: str) -> tuple[str, int]:
    kind, _, limit = (part.strip() for part in pair.rpartition("="))
    if not kind or not limit.isdecimal() or not 1 <= int(limit) <= _MOST_JOBS:
        raise ValueError(f"pairs such as big_five_50=2, with a number from 1 to {_MOST_JOBS:,}")
    return kind, int(limit)


def _bare_type(annotation: Any) -> Any:
    """Return the type of a value, without `| None` and without its validators."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _bounds(field: FieldInfo) -> str:
    at_least = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    above = next((bound.gt for bound in field.metadata if isinstance(bound, Gt)), None)
    at_most = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    lower = f" above {above:,}" if at_least is None else f" from {at_least:,}"
    return f"{lower} to {at_most:,}"
