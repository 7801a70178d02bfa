"""What lists are narrowed and ordered by, and how that is written into an address."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TypedDict

from etl_monitor.wire.base import iso

Params = dict[str, str | int | Sequence[str] | None]
JobSort = Literal["newest", "oldest", "longest", "progress"]
ResultSort = Literal["newest", "title", "person", "respondents", "lastRun"]
Order = Literal["asc", "desc"]


class JobFilter(TypedDict, total=False):
    """`since` and `until` are about when a job was created; `until` is not included."""

    test_id: str | None
    user_id: str | None
    test_kind: str | None
    q: str | Sequence[str] | None  # of several, any
    since: datetime | None
    until: datetime | None


def job_parameters(wanted: JobFilter) -> Params:
    return {
        "testId": wanted.get("test_id"),
        "userId": wanted.get("user_id"),
        "testKind": wanted.get("test_kind"),
        "q": wanted.get("q"),
        **period(wanted.get("since"), wanted.get("until")),
    }


def period(since: datetime | None, until: datetime | None) -> Params:
    return {
        "since": None if since is None else iso(since),
        "until": None if until is None else iso(until),
    }


def joined(values: str | Iterable[str] | None) -> str | None:
    """Several values of one parameter."""
    return values if values is None or isinstance(values, str) else ",".join(values)
