"""Who asked for what."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from etl_monitor.service.access import activity_log
from etl_monitor.service.api.authorization import AuthorizedRoute
from etl_monitor.service.api.dependencies import (
    Id,
    LargeNumber,
    Moment,
    Name,
    PageSize,
    Search,
    ServiceDep,
    check_period,
)
from etl_monitor.service.api.responses import Success
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome

router = APIRouter(tags=["activity"], route_class=AuthorizedRoute)

_HEADERS = {
    "X-Total-Count": {
        "description": "Entries that match, on all pages.",
        "schema": {"type": "integer"},
    }
}


def _filter(
    job_id: Annotated[Id | None, Query(alias="jobId")] = None,
    actor: Name | None = None,
    action: Name | None = None,
    outcome: ActivityOutcome | None = None,
    q: Search | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> activity_log.ActivityFilter:
    check_period(since, until)
    return activity_log.ActivityFilter(
        job_id=job_id, actor=actor, action=action, outcome=outcome, q=q, since=since, until=until
    )


@router.get("/activity", responses={200: {"headers": _HEADERS}})
def list_activity(
    response: Response,
    service: ServiceDep,
    wanted: Annotated[activity_log.ActivityFilter, Depends(_filter)],
    limit: PageSize = 100,
    before: LargeNumber | None = None,
    after: LargeNumber | None = None,
) -> Success[Sequence[ActivityEntry]]:
    """Newest first; refused requests too. `before`: an entry's id, for those older than it;
    `after`: for the next newer ones. `since` counts in, `until` does not."""
    with service.db.reading() as tx:
        entries = activity_log.read(tx, wanted, limit=limit, before=before, after=after)
        response.headers["X-Total-Count"] = str(activity_log.count(tx, wanted))
    return Success(data=entries)
