"""Who asked for what, when, with which outcome: an entry as it travels on the wire."""

from enum import StrEnum
from typing import Any

from etl_monitor.wire.base import Time, Wire


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"


class ActivityEntry(Wire):
    """`action`: upload, process, cancel, retry, delete, remove_samples."""

    id: int  # growing; the `before` of the next page
    at: Time
    actor: str
    role: str
    action: str
    outcome: Outcome
    code: str | None = None  # why it was refused
    details: dict[str, Any] | None = None  # what the refusal's sentence is made from
    reason: str | None = None  # what the person gave as the reason
    job_id: str | None = None
    new_job_id: str | None = None
    test_id: str | None = None
    title: str | None = None  # the test's, as it was then
