"""The FastAPI application of a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI

from etl_monitor import tracing
from etl_monitor.asgi.descriptors import ExhaustionReply
from etl_monitor.asgi.head_requests import HeadAsGet
from etl_monitor.asgi.request_guard import RequestGuard
from etl_monitor.asgi.security_headers import OF_THE_SERVICE, SafeHeaders
from etl_monitor.service.api import activity, history, jobs, results, stream, system
from etl_monitor.service.api.authorization import get_principal
from etl_monitor.service.api.body_limits import BodyLimit
from etl_monitor.service.api.dependencies import reject_unknown_parameters
from etl_monitor.service.api.request_logging import RequestLogging
from etl_monitor.service.api.request_tracing import RequestTracing
from etl_monitor.service.api.responses import ALWAYS, HANDLERS, error_response, failures
from etl_monitor.service.errors import TooManyConnections
from etl_monitor.service.service import Service
from etl_monitor.setting_values import parse_host_names

# FastAPI's own spans, which a variable could turn on, contain addresses with `?token=`. Versions
# without any ignore this.
_NO_TELEMETRY: Any = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def make_app(service: Service) -> FastAPI:
    # No documentation pages: they would load scripts from another site.
    app = FastAPI(
        title="ETL Monitor",
        version="1",
        openapi_url=None,
        lifespan=_lifespan,
        redirect_slashes=False,
        exception_handlers=HANDLERS,
        telemetry=_NO_TELEMETRY,
        dependencies=[Depends(reject_unknown_parameters)],
    )
    app.state.service = service
    app.include_router(system.public_router, responses=failures(422))
    for noun in (system, stream, history, jobs, results, activity):
        app.include_router(
            noun.router, dependencies=[Depends(get_principal)], responses=failures(*ALWAYS)
        )
    app.add_middleware(HeadAsGet)
    app.add_middleware(BodyLimit)
    app.add_middleware(ExhaustionReply, reply=error_response(TooManyConnections()))
    hosts = parse_host_names(service.settings.allowed_hosts)
    app.add_middleware(RequestGuard, hosts=hosts, respond=error_response)
    app.add_middleware(SafeHeaders, headers=OF_THE_SERVICE)
    app.add_middleware(RequestLogging, metrics=service.metrics)
    if tracing.is_on():
        app.add_middleware(RequestTracing)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.tail.start()
    if service.notifications is not None:
        service.notifications.start()
    service.engine.start()
    service.leader.start()
    try:
        yield
    finally:
        service.leader.stop()
        service.engine.stop()
        if service.notifications is not None:
            service.notifications.stop()
        service.tail.stop()
