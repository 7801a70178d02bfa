"""Filters and orders of lists, as parameters of an address."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from etl_monitor.wire.base import iso

Params = dict[str, str | int | Sequence[str] | None]
JobSort = Literal["newest", "oldest", "longest", "progress", "queue"]
ResultSort = Literal["newest", "title", "person", "respondents", "lastRun"]
Order = Literal["asc", "desc"]


def period(since: datetime | None, until: datetime | None) -> Params:
    return {
        "since": None if since is None else iso(since),
        "until": None if until is None else iso(until),
    }


def joined(values: str | Iterable[str] | None) -> str | None:
    """Return several values of one parameter, separated by commas."""
    return values if values is None or isinstance(values, str) else ",".join(values)
