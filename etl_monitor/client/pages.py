"""Lists as the client returns them: the records of one page and what the headers say about it.

`total` is the number of matching records on all pages; the length of this page if the back end does
not send it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from etl_monitor.wire.activity import ActivityEntry
from etl_monitor.wire.job import Job
from etl_monitor.wire.result import TestResult


@dataclass(frozen=True, kw_only=True)
class AllJobs:
    """The list of jobs as a follower takes it: read one by one, once, however long it is. The other
    fields are those of `JobList`. Iterating raises ServiceUnavailable if no record is a job."""

    jobs: Iterator[Job]
    position: str
    complete: bool
    log_id: str


@dataclass(frozen=True, kw_only=True)
class JobList:
    """A page of jobs.

    `position`: the feed position that this list includes; empty if the back end has none.
    `log_id`: the event log of that position; empty if the back end does not send it.
    `complete`: the back end says that no job is left out.
    `next_before`: the `before` of the next page; None on the last one or if it is not sent.
    """

    jobs: tuple[Job, ...]
    total: int
    position: str
    complete: bool
    log_id: str = ""
    next_before: str | None = None


@dataclass(frozen=True, kw_only=True)
class ResultList:
    results: tuple[TestResult, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class ActivityPage:
    entries: tuple[ActivityEntry, ...]
    total: int
