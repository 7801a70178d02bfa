"""The state of the service, its metrics and its samples."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from etl_monitor.service import errors
from etl_monitor.service.api import readiness
from etl_monitor.service.api.authorization import AuthorizedRoute, CredentialDep, PrincipalDep
from etl_monitor.service.api.dependencies import NoBody, ServiceDep
from etl_monitor.service.api.responses import WITH_BODY, failures, success
from etl_monitor.service.api.system_status import system_state
from etl_monitor.service.commands import Commands
from etl_monitor.service.operations.metrics import CONTENT_TYPE
from etl_monitor.wire.delegation import Identity
from etl_monitor.wire.replies import RemovedSamples, ReplayedSamples, Reply
from etl_monitor.wire.system import Health, Readiness, SystemState

public_router = APIRouter(tags=["system"])
router = APIRouter(tags=["system"], route_class=AuthorizedRoute)


@public_router.get("/healthz")
def health() -> Reply[Health]:
    """The process responds. Needs no token."""
    return success(Health())


@router.get("/me")
def me(service: ServiceDep, principal: PrincipalDep, credential: CredentialDep) -> Reply[Identity]:
    """The name and role of the token, or of the person that it acts for."""
    identity = Identity(
        name=principal.name,
        role=principal.role,
        service_id=service.service_id,
        may_act_for_others=credential.owner.may_act_for_others,
    )
    return success(identity)


@router.get("/readyz")
def ready(service: ServiceDep) -> Reply[Readiness]:
    """All parts work; else 503 `not_ready`, and `details.checks` has the result of each check."""
    checks = readiness.checks(service)
    if not all(check.ok for check in checks.values()):
        raise errors.NotReady(checks={name: check.model_dump() for name, check in checks.items()})
    return success(Readiness(checks=checks))


@router.get("/system")
def system(service: ServiceDep) -> Reply[SystemState]:
    """Workers, queue, feed, disk and versions, for those who operate the service."""
    return success(system_state(service))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(service: ServiceDep) -> Response:
    """The metrics, for Prometheus."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """The calls of this service, in OpenAPI; without the frame of the other replies."""
    app: FastAPI = request.app
    return app.openapi()


@router.post("/samples/replay", status_code=202, responses=failures(*WITH_BODY))
def replay_samples(
    service: ServiceDep, principal: PrincipalDep, body: NoBody | None = None
) -> Reply[ReplayedSamples]:
    """Score all sample tests again that are not being scored, over a few minutes. A second request
    starts over."""
    count = Commands(service=service, principal=principal).replay_samples()
    return success(ReplayedSamples(message=f"{count} sample tests are replayed.", replayed=count))


@router.delete("/samples", responses=failures(*WITH_BODY))
def remove_samples(
    service: ServiceDep, principal: PrincipalDep, body: NoBody | None = None
) -> Reply[RemovedSamples]:
    """Remove all sample tests with their jobs, also running ones. They are not made again."""
    count = Commands(service=service, principal=principal).remove_samples()
    return success(RemovedSamples(message=f"{count} sample tests are removed.", removed=count))
