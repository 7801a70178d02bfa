"""The portal's own routes besides the pages, and what every response goes through."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etl_monitor import monitoring
from etl_monitor.asgi.descriptors import ExhaustionReply
from etl_monitor.asgi.request_guard import RequestGuard
from etl_monitor.asgi.security_headers import SafeHeaders, of_the_portal
from etl_monitor.asgi.silent_sockets import SilentSockets
from etl_monitor.errors import Forbidden
from etl_monitor.i18n.translator import LANGUAGES, Translator
from etl_monitor.portal import addresses, metrics, paint_reports

Endpoint = Callable[[Request], Any]


async def healthz(_request: Request) -> JSONResponse:
    """Reply that this process serves, with the state of its connection to the service."""
    current = monitoring.current()
    state = current.snapshot().connection.state.value if current else "disconnected"
    return JSONResponse({"status": "ok", "connection": state})


_SCRIPTS = "/_stcore/bidi-components/etl_monitor."
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_PAGE = Path(streamlit.__file__).parent / "static" / "index.html"


def middleware(hosts: Collection[str], frame_ancestors: Sequence[str] = ()) -> list[Middleware]:
    """Return what stands before Streamlit: the headers of every reply, the check of host and
    origin, redirects. `hosts`: names besides loopback under which the portal answers."""
    return [
        Middleware(SafeHeaders, headers=of_the_portal(_PAGE.read_bytes(), frame_ancestors)),
        Middleware(RequestGuard, hosts=hosts, respond=_error_response),
        Middleware(ExhaustionReply, reply=_in_every_language("too_many_connections", 503)),
        Middleware(SilentSockets),
        Middleware(RelativeRedirects),
        Middleware(CachedScripts),
    ]


class RelativeRedirects:
    """Middleware that makes redirects within the portal relative: Streamlit's name the root, from
    where a proxy that strips a prefix serves something else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_relative(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if target := headers.get("location"):
                    headers["location"] = addresses.relative_to(scope["path"], target)
            await send(message)

        await self._app(scope, receive, send_relative if scope["type"] == "http" else send)


class CachedScripts:
    """Middleware that lets browsers keep the scripts of our components, whose names change with
    what is in them (`ui/widgets/component.py`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_cached(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["Cache-Control"] = _FOR_A_YEAR
            await send(message)

        is_script = _SCRIPTS in scope.get("path", "")
        await self._app(scope, receive, send_cached if is_script else send)


def _error_response(error: Forbidden) -> PlainTextResponse:
    return _in_every_language(error.code, error.status, **error.details)


def _in_every_language(code: str, status: int, **details: Any) -> PlainTextResponse:
    """Return an error as a reply: the reader's language is not known before the page."""
    messages = (Translator(language)(f"error-{code}", **details) for language in LANGUAGES)
    return PlainTextResponse("\n\n".join(messages) + "\n", status_code=status)


def served(path: str, endpoint: Endpoint, method: str = "GET") -> list[Route]:
    """Return a route of ours at each of its paths: see `addresses.served_at`."""
    return [Route(full, endpoint, methods=[method]) for full in addresses.served_at(path)]


ROUTES = [
    *served("/healthz", healthz),
    *served("/metrics", metrics.metrics),
    *served(addresses.PAINT_REPORTS_PATH, paint_reports.receive_report, "POST"),
]
