"""The service's calls, as methods: records in, records out, errors of the tree in `errors.py`.

Every method may raise a `ApiError` (with the service's own code, message and details; `NotFound`
also where an older back end does not have the call) or `ServiceUnavailable`: `unreachable`,
`timeout`, `not_a_service`, or the code of the service's own 5xx and 429 replies.
"""

from datetime import datetime

from etl_monitor.client import filters
from etl_monitor.client.base import total_of
from etl_monitor.client.filters import Params
from etl_monitor.client.jobs import JobCalls
from etl_monitor.client.request import parsed
from etl_monitor.client.results import ResultCalls
from etl_monitor.wire.activity import ActivityEntry, Outcome
from etl_monitor.wire.replies import ActivityPage
from etl_monitor.wire.system import SystemState


class EtlClient(JobCalls, ResultCalls):
    """Safe to use from any thread."""

    def activity(
        self,
        *,
        limit: int | None = None,
        before: int | None = None,
        after: int | None = None,
        job_id: str | None = None,
        actor: str | None = None,
        action: str | None = None,
        outcome: Outcome | None = None,
        q: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> ActivityPage:
        """Newest first; those older than the entry `before`, or the next newer than `after`.
        `since` counts in, `until` does not."""
        params: Params = {"limit": limit, "before": before, "after": after, "jobId": job_id}
        params |= {"actor": actor, "action": action, "outcome": outcome, "q": q}
        params |= filters.period(since, until)
        response = self._get("/activity", params)
        entries = parsed(tuple[ActivityEntry, ...], response)
        total = total_of(response)
        return ActivityPage(entries=entries, total=len(entries) if total is None else total)

    def system(self) -> SystemState:
        """How the service is."""
        return parsed(SystemState, self._get("/system"))
