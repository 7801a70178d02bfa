"""The addresses of services."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

EXAMPLE = "an address such as https://etl.example.com or http://127.0.0.1:8000"

_QUERY = re.compile(r"(//[^?]*)\?.*", re.DOTALL)
_UP_TO_HOST = re.compile(r"(?<=//).*(?=@)", re.DOTALL)
_PASSWORD = re.compile(r"(?<=//)[^/@]*(?=@)")


def without_password(text: str) -> str:
    """Return the text with its password replaced, even if it is not an address."""
    return _PASSWORD.sub("***", text)


def without_secrets(text: str) -> str:
    """Return the text without its password, which may contain a slash, and without its query, which
    may hold a key."""
    return _QUERY.sub(r"\1?***", _UP_TO_HOST.sub("***", text))


def is_http_address(text: str) -> bool:
    """Whether it is an HTTP address with a host, and no port or one from 1 to 65535."""
    return has_scheme(text, ("http", "https"))


def has_scheme(text: str, schemes: Collection[str]) -> bool:
    """Whether it is an address with one of the schemes and a host, and no port or one from 1 to
    65535."""
    try:
        parts = urlsplit(text)
        is_complete = parts.scheme in schemes and bool(parts.hostname)
        return is_complete and parts.port != 0 and not any(map(str.isspace, text))
    except ValueError:
        return False
