"""How the service is, its figures, and its samples."""

from collections.abc import Mapping
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Request, Response

from etl_monitor.service import errors
from etl_monitor.service.api import readiness
from etl_monitor.service.api.authorization import Asker, AuthorizedRoute, PresentedToken
from etl_monitor.service.api.dependencies import Nothing, ServiceDep
from etl_monitor.service.api.readiness import Check
from etl_monitor.service.api.responses import SENT, Success, failures
from etl_monitor.service.api.system_status import overview
from etl_monitor.service.commands import Commands
from etl_monitor.service.operations.metrics import CONTENT_TYPE
from etl_monitor.wire.base import Record
from etl_monitor.wire.delegation import Identity
from etl_monitor.wire.system import SystemState

open_to_all = APIRouter(tags=["system"])
router = APIRouter(tags=["system"], route_class=AuthorizedRoute)


class Health(Record):
    status: Literal["ok"] = "ok"


class Readiness(Record):
    ready: Literal[True] = True
    checks: Mapping[str, Check]


class Removed(Record):
    message: str
    removed: int


@open_to_all.get("/healthz")
def health() -> Success[Health]:
    """The process answers. Needs no token."""
    return Success(data=Health())


@router.get("/me")
def me(service: ServiceDep, who: Asker, shown: PresentedToken) -> Success[Identity]:
    """Name and role of the token, or of the person that it acts for."""
    return Success(
        data=Identity(
            name=who.name,
            role=who.role,
            service_id=service.service_id,
            may_act_for_others=shown.owner.speaks_for_others,
        )
    )


@router.get("/readyz")
def ready(service: ServiceDep) -> Success[Readiness]:
    """It can do its work; else 503 `not_ready`, and `details.checks` tells what is missing."""
    checks = readiness.checks(service)
    if not all(check.ok for check in checks.values()):
        told = {name: check.model_dump() for name, check in checks.items()}
        raise errors.NotReady(checks=told)
    return Success(data=Readiness(checks=checks))


@router.get("/system")
def system(service: ServiceDep) -> Success[SystemState]:
    """Workers, queue, feed, disk and versions, for people who run the service."""
    return Success(data=overview(service))


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(service: ServiceDep) -> Response:
    """For Prometheus."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """What this service understands, in OpenAPI; not in the frame of the other replies."""
    app: FastAPI = request.app
    return app.openapi()


@router.delete("/samples", responses=failures(*SENT))
def remove_samples(
    service: ServiceDep, who: Asker, asked: Nothing | None = None
) -> Success[Removed]:
    """All sample tests, with their jobs, also running ones. They do not come back by themselves."""
    count = Commands(service=service, who=who).remove_samples()
    return Success(data=Removed(message=f"{count} sample tests are removed.", removed=count))
