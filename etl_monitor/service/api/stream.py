"""The feed: all jobs, or one."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse

from etl_monitor.service.api.authorization import AuthorizedRoute, Credential, PresentedToken
from etl_monitor.service.api.dependencies import Id, ServiceDep
from etl_monitor.service.api.jobs import LOG_ID
from etl_monitor.service.api.responses import failures
from etl_monitor.service.feed import StreamStart
from etl_monitor.service.service import Service

router = APIRouter(prefix="/etl/jobs", tags=["feed"], route_class=AuthorizedRoute)

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_REPLY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events; see docs/wire.md.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "headers": {"X-Event-Log-Id": {"description": LOG_ID, "schema": {"type": "string"}}},
    }
}

InHeader = Annotated[str | None, Header(alias="Last-Event-ID")]
InQuery = Annotated[str | None, Query(alias="lastEventId")]


async def place(service: ServiceDep, shown: PresentedToken) -> AsyncIterator[None]:
    """Taken before the reply begins, free once it is over, in whatever way it ends."""
    with service.feed.acquire_slot(shown.owner.name, service.settings.feeds_per_token):
        yield


@router.get(
    "/stream",
    responses=_REPLY | failures(429),
    response_class=StreamingResponse,
    dependencies=[Depends(place)],
)
def stream_all(
    service: ServiceDep,
    shown: PresentedToken,
    last_event_id: InHeader = None,
    asked: InQuery = None,
) -> StreamingResponse:
    """Every change of every job: what came after the given event, then live. Without one: live from
    now on. `feed_reset` comes where that event is no longer kept: take the list again."""
    return _reply(service, shown, service.feed.open(last_event_id or asked))


@router.get(
    "/{jobId}/stream",
    responses=_REPLY | failures(404, 429),
    response_class=StreamingResponse,
    dependencies=[Depends(place)],
)
def stream_one(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    shown: PresentedToken,
    last_event_id: InHeader = None,
    asked: InQuery = None,
) -> StreamingResponse:
    """One job's changes. Without an event to go on from it begins with the whole job, as
    `job_started`, whatever its state."""
    return _reply(service, shown, service.feed.open(last_event_id or asked, job_id), job_id)


def _reply(
    service: Service, shown: Credential, start: StreamStart, job_id: str | None = None
) -> StreamingResponse:
    def is_authorized() -> bool:
        return service.tokens.owner(shown.token) is not None

    chunks: AsyncIterator[bytes] = service.feed.follow(start, job_id, is_authorized=is_authorized)
    headers = _HEADERS | {"X-Event-Log-Id": start.log_id}
    return StreamingResponse(chunks, media_type="text/event-stream", headers=headers)
