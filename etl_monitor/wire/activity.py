"""An entry of the activity log."""

from enum import StrEnum
from typing import Any

from etl_monitor.wire.base import Record, Time, VisibleText


class ActivityOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class ActivityEntry(Record):
    """`action`: upload, process, cancel, retry, promote, mark_seen, replay_samples, delete,
    remove_samples or download: of scores, of rejected rows or of this log."""

    id: int  # increasing; the `before` of the next page
    at: Time
    actor: VisibleText
    role: str
    action: str
    outcome: ActivityOutcome
    code: str | None = None  # of the error, if it was refused
    details: dict[str, Any] | None = None  # of the error
    reason: str | None = None  # given by the person
    job_id: str | None = None
    new_job_id: str | None = None
    test_id: str | None = None
    title: VisibleText | None = None  # of the test at that time
