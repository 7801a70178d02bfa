"""What counts as the address of a service."""

import re
from urllib.parse import urlsplit

EXAMPLE = "an address such as https://etl.example.com or http://127.0.0.1:8000"

_PASSWORD = re.compile(r"(?<=//)[^/@]*(?=@)")


def without_password(text: str) -> str:
    """To be shown, also where it is no address at all."""
    return _PASSWORD.sub("***", text)


def is_http_address(text: str) -> bool:
    """Whether requests can be sent there: with a host, and a port from 1 to 65535 or none."""
    try:
        parts = urlsplit(text)
        is_there = parts.scheme in ("http", "https") and bool(parts.hostname)
        return is_there and parts.port != 0 and not any(sign.isspace() for sign in text)
    except ValueError:
        return False
