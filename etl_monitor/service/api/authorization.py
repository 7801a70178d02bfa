"""Authorization: the principal of a request and its right, checked before the request is read."""

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
from etl_monitor.plain_text import canonical
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api import audit
from etl_monitor.service.api.dependencies import get_service
from etl_monitor.service.api.responses import api_error
from etl_monitor.service.service import Service
from etl_monitor.wire import delegation
from etl_monitor.wire.roles import Right, forbidden, may

# The right that each call needs. A call that is not in here cannot be used.
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
    ("PUT", "/tests/results/{testId}/file"): Right.UPLOAD,
    ("GET", "/tests/results/{testId}/rejected"): Right.SEE,
    ("GET", "/tests/results/{testId}/rejected/summary"): Right.SEE,
    ("POST", "/etl/jobs/{jobId}/promote"): Right.PROMOTE,
    ("POST", "/etl/jobs/{jobId}/seen"): Right.MARK_SEEN,
    ("POST", "/etl/jobs/bulk"): Right.CANCEL,  # retrying needs the same
    ("DELETE", "/tests/results/{testId}"): Right.DELETE,
    ("POST", "/samples/replay"): Right.REPLAY_SAMPLES,
    ("DELETE", "/samples"): Right.REMOVE_SAMPLES,
}

_bearer = HTTPBearer(auto_error=False, description="A token of this service.")


@dataclass(frozen=True, kw_only=True)
class Credential:
    """The token of a request and its owner."""

    token: str
    owner: Principal


class AuthorizedRoute(APIRoute):
    """A route that authorizes a request before it reads it, and records rejected ones."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def authorized(request: Request) -> Response:
            right = RIGHTS[request.method, self.path_format]
            principal = await _authorize(request, right)
            try:
                return await handle(request)
            except (RequestValidationError, HTTPException) as error:
                if not isinstance(error.__cause__, ClientDisconnect):  # nothing was requested then
                    rejected = api_error(request, error)
                    action = Action(action=right.value)
                    await audit.record(request, principal, action, right, rejected)
                raise

        return authorized


async def _authorize(request: Request, right: Right) -> Principal:
    """Return the principal: the token's owner, or the person it acts for.

    Raises Forbidden, after recording it, if the principal lacks the right.
    """
    service = get_service(request)
    credential = await _read_credential(request, service)
    principal = credential.owner
    try:
        principal = _principal(request, service, credential)
        if not may(principal.role, right):
            raise forbidden(principal.role, right)
    except Forbidden as error:
        action = await audit.read_action(request, right)
        await audit.record(request, principal, action, right, error)
        raise
    request.state.credential, request.state.principal = credential, principal
    return principal


async def _read_credential(request: Request, service: Service) -> Credential:
    bearer = await _bearer(request)
    token = bearer.credentials if bearer else request.query_params.get("token", "")
    owner = await run_in_threadpool(service.tokens.owner, token)
    if owner is None:
        raise errors.InvalidToken()
    return Credential(token=token, owner=owner)


def _principal(request: Request, service: Service, credential: Credential) -> Principal:
    header = request.headers.get(delegation.HEADER)
    if header is None:
        return credential.owner
    if not credential.owner.may_act_for_others:
        raise delegation.PersonNotAccepted(reason="not_allowed")
    user = delegation.verify(header, token=credential.token, service=service.service_id)
    return Principal(name=canonical(user.name), role=user.role)


async def get_credential(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],  # for OpenAPI
) -> Credential:
    credential: Credential = request.state.credential
    return credential


CredentialDep = Annotated[Credential, Depends(get_credential)]


async def get_principal(request: Request, credential: CredentialDep) -> Principal:
    """Fails for a call whose route is not an `AuthorizedRoute`."""
    principal: Principal = request.state.principal
    return principal


PrincipalDep = Annotated[Principal, Depends(get_principal)]
