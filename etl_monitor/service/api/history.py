"""What happened over a period, for charts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from etl_monitor.service.api.authorization import AuthorizedRoute
from etl_monitor.service.api.dependencies import Moment, ServiceDep, check_period, ill_fitting
from etl_monitor.service.api.responses import Success
from etl_monitor.service.jobs import history
from etl_monitor.service.storage.clock import now
from etl_monitor.wire.history import History

router = APIRouter(prefix="/etl", tags=["jobs"], route_class=AuthorizedRoute)

_UNLESS_TOLD = timedelta(hours=24)


@router.get("/history")
def get_history(
    service: ServiceDep,
    since: Annotated[Moment | None, Query(description="24 hours before `until`.")] = None,
    until: Annotated[Moment | None, Query(description="Now.")] = None,
) -> Success[History]:
    """The jobs that ran between the two, newest start first, at most 1,000 of them, and how many
    ended when. Not more than 366 days."""
    end = until or now()
    begin = since or end - _UNLESS_TOLD
    check_period(begin, end)
    if end - begin > history.MAX_PERIOD:
        raise ill_fitting("since", f"is more than {history.MAX_PERIOD.days} days before until")
    with service.db.reading() as tx:
        return Success(data=history.history(tx, begin, end))
