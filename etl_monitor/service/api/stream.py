"""The feed of all jobs, or of one."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse

from etl_monitor.service.api.authorization import AuthorizedRoute, Credential, CredentialDep
from etl_monitor.service.api.dependencies import Id, ServiceDep
from etl_monitor.service.api.jobs import LOG_ID
from etl_monitor.service.api.responses import Responses, failures, header
from etl_monitor.service.feed import StreamStart
from etl_monitor.service.service import Service

router = APIRouter(prefix="/etl/jobs", tags=["feed"], route_class=AuthorizedRoute)

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_REPLY: Responses = {
    200: {
        "description": "Server-sent events; see docs/wire.md.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "headers": {"X-Event-Log-Id": header(LOG_ID, "string")},
    }
}

LastEventIdHeader = Annotated[str | None, Header(alias="Last-Event-ID")]
LastEventIdQuery = Annotated[str | None, Query(alias="lastEventId")]


async def feed_slot(service: ServiceDep, credential: CredentialDep) -> AsyncIterator[None]:
    """Acquire a slot before the reply begins, and release it however the reply ends."""
    with service.feed.acquire_slot(credential.owner.name, service.settings.feeds_per_token):
        yield


@router.get(
    "/stream",
    responses=_REPLY | failures(429),
    response_class=StreamingResponse,
    dependencies=[Depends(feed_slot)],
)
def stream_all(
    service: ServiceDep,
    credential: CredentialDep,
    last_event_id: LastEventIdHeader = None,
    from_query: LastEventIdQuery = None,
) -> StreamingResponse:
    """Every change of every job: the events after the given one, then live; without one, live from
    now on. `feed_reset` is sent if that event is no longer stored: read the list again."""
    return _reply(service, credential, service.feed.open(last_event_id or from_query))


@router.get(
    "/{jobId}/stream",
    responses=_REPLY | failures(404, 429),
    response_class=StreamingResponse,
    dependencies=[Depends(feed_slot)],
)
def stream_one(
    job_id: Annotated[Id, Path(alias="jobId")],
    service: ServiceDep,
    credential: CredentialDep,
    last_event_id: LastEventIdHeader = None,
    from_query: LastEventIdQuery = None,
) -> StreamingResponse:
    """The changes of one job. Without an event to continue from, the feed begins with the whole job
    as `job_started`, whatever its state."""
    return _reply(
        service,
        credential,
        service.feed.open(last_event_id or from_query, job_id),
        job_id,
    )


def _reply(
    service: Service, credential: Credential, start: StreamStart, job_id: str | None = None
) -> StreamingResponse:
    def is_authorized() -> bool:
        return service.tokens.owner(credential.token) is not None

    chunks: AsyncIterator[bytes] = service.feed.follow(start, job_id, is_authorized=is_authorized)
    headers = _HEADERS | {"X-Event-Log-Id": start.log_id}
    return StreamingResponse(chunks, media_type="text/event-stream", headers=headers)
