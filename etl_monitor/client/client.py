"""The client: a method for each call of the service, records in and records out.

Each method may raise an ApiError (with the service's own code, message and details; NotFound also
if an older back end does not have the call) or ServiceUnavailable: `unreachable`, `timeout`, what
answered in its place (`what_answered.py`), or the code of the service's own 5xx and 429 replies.
"""

from datetime import datetime

from etl_monitor.client import filters
from etl_monitor.client.base import total_count
from etl_monitor.client.filters import Params
from etl_monitor.client.jobs import JobClient
from etl_monitor.client.pages import ActivityPage
from etl_monitor.client.reply import parse_list, parse_reply
from etl_monitor.client.results import ResultClient
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome
from etl_monitor.wire.system import SystemState


class EtlClient(JobClient, ResultClient):
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
        outcome: ActivityOutcome | None = None,
        q: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        is_download: bool = False,
    ) -> ActivityPage:
        """Return entries, newest first: those older than the entry `before`, or the next newer than
        `after`. `since` is inclusive, `until` is not. `is_download`: note it in the log."""
        params: Params = {"limit": limit, "before": before, "after": after, "jobId": job_id}
        params |= {"actor": actor, "action": action, "outcome": outcome, "q": q}
        params |= filters.period(since, until)
        if is_download:
            params |= {"download": "true"}
        headers = self._signed_headers if is_download else self._headers
        response = self._get("/activity", params, headers=headers)
        entries = parse_list(ActivityEntry, response)
        total = total_count(response)
        return ActivityPage(entries=entries, total=len(entries) if total is None else total)

    def system(self) -> SystemState:
        return parse_reply(SystemState, self._get("/system"))
