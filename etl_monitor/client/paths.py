"""Paths of calls: with quoted ids for a request, and without ids for metrics and logs."""

import re
from urllib.parse import quote

_PATH_WORD = re.compile(  # the parts of a path that are not ids
    "etl|tests|jobs|results|active|counts|cancel|retry|bulk|process|user|statistics|scores|documents"
    "|test-kinds|samples|activity|system|history|me|promote|seen|file|rejected|summary|replay"
)


def url_path(*parts: str) -> str:
    """Return a path. Its parts are quoted, so that the ids `../x` and `..` stay ids."""
    return "".join("/" + _quoted(part) for part in parts)


def _quoted(part: str) -> str:
    quoted = quote(part, safe="")
    return quoted.replace(".", "%2E") if part in (".", "..") else quoted


def call_name(path: str) -> str:
    """Return a path without ids, for example `/etl/jobs/{id}/cancel`."""
    parts = path.removeprefix("/").split("/")
    return "/" + "/".join(part if _PATH_WORD.fullmatch(part) else "{id}" for part in parts)
