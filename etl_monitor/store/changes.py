"""What changes do to a job: whether they are late, what they make different, how much larger."""

import sys
from collections.abc import Mapping
from itertools import compress
from operator import ne
from typing import Any, get_args

from etl_monitor.wire.base import VisibleText
from etl_monitor.wire.job import FINAL, Job, JobStatus

_JOB_SIZE = 1_200  # bytes that a job takes besides its strings, measured
_NO_PLACE = {"queue_position": None, "expected_start": None}
UNBOUNDED = frozenset(
    name
    for name, info in Job.model_fields.items()
    if {str, VisibleText, dict[str, Any]} & {info.annotation, *get_args(info.annotation)}
)
# What active jobs are ordered, found and counted by.
INDEXED = frozenset({"status", "created_at", "promoted_at", "test_id", "attempt"})
INDEXED |= {"user_id", "test_kind"}
_FINAL = tuple(FINAL)  # hashing a member takes longer than comparing it with three


def size(job: Job) -> int:
    """Return the job's approximate size in bytes."""
    values = vars(job)
    return _JOB_SIZE + sum(_bytes_of(values[name]) for name in UNBOUNDED)


def differing(job: Job, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the changes make different."""
    stored = map(vars(job).get, changes)
    return dict(compress(changes.items(), map(ne, changes.values(), stored)))


def growth(job: Job, news: Mapping[str, Any]) -> int:
    """Return by how much the news make the job larger."""
    values = vars(job)
    return sum(_bytes_of(news[name]) - _bytes_of(values[name]) for name in news.keys() & UNBOUNDED)


def _bytes_of(value: Any) -> int:
    if value is None:
        return 0
    return sys.getsizeof(value) if isinstance(value, str) else len(repr(value))


def without_place(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return changes of a waiting job; if they end its waiting, it has no place in the queue any
    more. Only lists give a job's place, so no event takes it back."""
    waits = changes.get("status", JobStatus.PENDING) is JobStatus.PENDING
    return changes if waits else {**_NO_PLACE, **changes}


def is_late(current: Job, changes: Mapping[str, Any], *, whole: bool) -> bool:
    if "attempt" in changes and changes["attempt"] != current.attempt:
        return bool(changes["attempt"] < current.attempt)
    status = changes.get("status")
    if current.status in _FINAL:
        return not (whole and status is current.status)
    if "restarts" in changes and changes["restarts"] != current.restarts:
        return bool(changes["restarts"] < current.restarts)
    if status in _FINAL:
        return False
    if status is JobStatus.PENDING and current.status is JobStatus.RUNNING:
        return True
    return "progress" in changes and bool(changes["progress"] < current.progress)
