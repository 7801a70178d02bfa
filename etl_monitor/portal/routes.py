"""The portal's own routes besides the pages, and the headers of every response."""

from collections.abc import Collection
from pathlib import Path

import streamlit
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from etl_monitor import monitoring
from etl_monitor.errors import Forbidden
from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.portal import metrics, paint_reports
from etl_monitor.request_guard import RequestGuard
from etl_monitor.security_headers import SafeHeaders, of_the_portal

PAINT_REPORTS_PATH = "/drawn"


def public_path(path: str) -> str:
    """Return `path` as browsers know it: Streamlit may be configured with a base path."""
    base = str(streamlit.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


async def healthz(_request: Request) -> JSONResponse:
    """Reply that this process serves, with the state of its connection to the service."""
    current = monitoring.current()
    state = current.snapshot().connection.state.value if current else "disconnected"
    return JSONResponse({"status": "ok", "connection": state})


_PAGE = Path(streamlit.__file__).parent / "static" / "index.html"


def middleware(hosts: Collection[str]) -> list[Middleware]:
    """Return what stands before Streamlit: the headers of every reply, then the check of host and
    origin. `hosts`: names besides loopback under which the portal answers."""
    return [
        Middleware(SafeHeaders, headers=of_the_portal(_PAGE.read_bytes())),
        Middleware(RequestGuard, hosts=hosts, respond=_error_response),
    ]


def _error_response(error: Forbidden) -> PlainTextResponse:
    """Return the reason in every language: the reader's is not known before the check."""
    messages = (
        Translator(language)(f"error-{error.code}", **error.details) for language in LANGUAGES
    )
    return PlainTextResponse("\n\n".join(messages) + "\n", status_code=error.status)


ROUTES = [
    Route("/healthz", healthz),
    Route("/metrics", metrics.metrics),
    Route(PAINT_REPORTS_PATH, paint_reports.receive_report, methods=["POST"]),
]
