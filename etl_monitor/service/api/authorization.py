"""Who asks, for whom, and whether they may: looked at before anything else of a request is."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from etl_monitor.errors import Forbidden
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.audit import asked_for, write_down
from etl_monitor.service.api.dependencies import the_service
from etl_monitor.service.api.responses import api_error
from etl_monitor.service.service import Service
from etl_monitor.wire import delegation
from etl_monitor.wire.roles import Right, forbidden, may

# What each call needs. A call that is not in here is answered to nobody.
RIGHTS: Mapping[tuple[str, str], Right] = {
    ("GET", "/me"): Right.SEE,
    ("GET", "/readyz"): Right.SEE,
    ("GET", "/system"): Right.SEE,
    ("GET", "/metrics"): Right.SEE,
    ("GET", "/openapi.json"): Right.SEE,
    ("GET", "/activity"): Right.SEE,
    ("GET", "/test-kinds"): Right.SEE,
    ("GET", "/tests/results"): Right.SEE,
    ("GET", "/tests/results/user/{userId}"): Right.SEE,
    ("GET", "/tests/results/{testId}"): Right.SEE,
    ("GET", "/tests/results/{testId}/statistics"): Right.SEE,
    ("GET", "/tests/results/{testId}/documents/{documentId}"): Right.SEE,
    ("GET", "/tests/results/{testId}/scores"): Right.SEE,
    ("GET", "/etl/jobs"): Right.SEE,
    ("GET", "/etl/jobs/counts"): Right.SEE,
    ("GET", "/etl/jobs/active"): Right.SEE,
    ("GET", "/etl/jobs/{jobId}"): Right.SEE,
    ("GET", "/etl/jobs/stream"): Right.SEE,
    ("GET", "/etl/jobs/{jobId}/stream"): Right.SEE,
    ("GET", "/etl/history"): Right.SEE,
    ("POST", "/tests/results"): Right.UPLOAD,
    ("POST", "/etl/process"): Right.PROCESS,
    ("POST", "/etl/process/bulk"): Right.PROCESS,
    ("POST", "/etl/jobs/{jobId}/cancel"): Right.CANCEL,
    ("POST", "/etl/jobs/{jobId}/retry"): Right.RETRY,
    ("POST", "/etl/jobs/bulk"): Right.CANCEL,  # retrying needs the same
    ("DELETE", "/tests/results/{testId}"): Right.DELETE,
    ("DELETE", "/samples"): Right.REMOVE_SAMPLES,
}

_bearer = HTTPBearer(auto_error=False, description="A token of this service.")


@dataclass(frozen=True, kw_only=True)
class Credential:
    """The token that a request came with, and whose it is."""

    token: str
    owner: Principal


class AuthorizedRoute(APIRoute):
    """A call that knows who asks before it reads anything of what is asked, and that writes to the
    activity log also what it cannot read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            right = RIGHTS[request.method, self.path_format]
            who = await _admitted(request, right)
            try:
                return await answer(request)
            except (RequestValidationError, HTTPException) as error:
                if not isinstance(error.__cause__, ClientDisconnect):  # who goes asks for nothing
                    refused = api_error(request, error)
                    refused.details.pop("problems", None)  # an entry is short, whatever was sent
                    await write_down(request, who, Action(action=right.value), right, refused)
                raise

        return guarded


async def _admitted(request: Request, right: Right) -> Principal:
    """The token's owner, or the person that it names. What they may not do is refused here, and
    written to the activity log."""
    service = the_service(request)
    shown = await _shown(request, service)
    who = shown.owner
    try:
        who = _person(request, service, shown)
        if not may(who.role, right):
            raise forbidden(who.role, right)
    except Forbidden as refused:
        await write_down(request, who, await asked_for(request, right), right, refused)
        raise
    request.state.presented, request.state.who = shown, who
    return who


async def _shown(request: Request, service: Service) -> Credential:
    bearer = await _bearer(request)
    token = bearer.credentials if bearer else request.query_params.get("token", "")
    owner = await run_in_threadpool(service.tokens.owner, token)
    if owner is None:
        raise errors.InvalidToken()
    return Credential(token=token, owner=owner)


async def presented(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],  # told by OpenAPI
) -> Credential:
    shown: Credential = request.state.presented
    return shown


async def who_asks(request: Request, shown: Annotated[Credential, Depends(presented)]) -> Principal:
    """Breaks a call whose route is none that is `AuthorizedRoute`."""
    who: Principal = request.state.who
    return who


PresentedToken = Annotated[Credential, Depends(presented)]
Asker = Annotated[Principal, Depends(who_asks)]


def _person(request: Request, service: Service, shown: Credential) -> Principal:
    told = request.headers.get(delegation.HEADER)
    if told is None:
        return shown.owner
    if not shown.owner.speaks_for_others:
        raise delegation.PersonNotAccepted(reason="not_allowed")
    person = delegation.verify(told, token=shown.token, service=service.service_id)
    return Principal(name=person.name, role=person.role)
