"""The activity log."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from etl_monitor.service.access import activity_log
from etl_monitor.service.access.activity_log import Action, ActivityFilter
from etl_monitor.service.api.authorization import AuthorizedRoute, PrincipalDep
from etl_monitor.service.api.dependencies import (
    Id,
    LargeNumber,
    Name,
    PageSize,
    Search,
    ServiceDep,
    UtcTime,
    check_period,
)
from etl_monitor.service.api.responses import success, total_count_header
from etl_monitor.wire.activity import ActivityEntry, ActivityOutcome
from etl_monitor.wire.replies import Reply

router = APIRouter(tags=["activity"], route_class=AuthorizedRoute)


def _filter(
    job_id: Annotated[Id | None, Query(alias="jobId")] = None,
    actor: Name | None = None,
    action: Name | None = None,
    outcome: ActivityOutcome | None = None,
    q: Search | None = None,
    since: UtcTime | None = None,
    until: UtcTime | None = None,
) -> ActivityFilter:
    check_period(since, until)
    return ActivityFilter(
        job_id=job_id, actor=actor, action=action, outcome=outcome, q=q, since=since, until=until
    )


@router.get("/activity", responses=total_count_header("Entries"))
def list_activity(
    response: Response,
    service: ServiceDep,
    principal: PrincipalDep,
    activity_filter: Annotated[ActivityFilter, Depends(_filter)],
    limit: PageSize = 100,
    before: LargeNumber | None = None,
    after: LargeNumber | None = None,
    download: bool = False,
) -> Reply[Sequence[ActivityEntry]]:
    """Actions, newest first, rejected ones too. `before`: an entry's id, for those older than it;
    `after`: for the next newer ones. `since` is inclusive, `until` is not. `download`: record that
    the entries are downloaded."""
    with service.db.reading() as tx:
        entries = activity_log.read(tx, activity_filter, limit=limit, before=before, after=after)
        response.headers["X-Total-Count"] = str(activity_log.count(tx, activity_filter))
    if download:
        activity_log.record_read(service.db, principal, Action(action="download"))
    return success(entries)
