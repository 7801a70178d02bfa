"""The history of a period, for charts."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from etl_monitor.service.api.authorization import AuthorizedRoute
from etl_monitor.service.api.dependencies import (
    ServiceDep,
    UtcTime,
    check_period,
    invalid_parameter,
)
from etl_monitor.service.api.responses import success
from etl_monitor.service.jobs import history
from etl_monitor.service.storage.clock import now
from etl_monitor.wire.history import History
from etl_monitor.wire.replies import Reply

router = APIRouter(prefix="/etl", tags=["jobs"], route_class=AuthorizedRoute)

_DEFAULT_PERIOD = timedelta(hours=24)


@router.get("/history")
def get_history(
    service: ServiceDep,
    since: Annotated[UtcTime | None, Query(description="24 hours before `until`.")] = None,
    until: Annotated[UtcTime | None, Query(description="Now.")] = None,
) -> Reply[History]:
    """The jobs that ran in the period, newest start first, at most 1,000 of them, and how many
    ended when. The period may be 366 days long."""
    end = until or now()
    start = since or end - _DEFAULT_PERIOD
    check_period(start, end)
    if end - start > history.MAX_PERIOD:
        problem = f"is more than {history.MAX_PERIOD.days} days before until"
        raise invalid_parameter("since", problem)
    with service.db.reading() as tx:
        return success(history.history(tx, start, end))
